<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="en" sourcelanguage="en">
<context>
    <name>HostRow</name>
    <message numerus="yes">
        <source>It answers and lists %n model(s).</source>
        <translation>
            <numerusform>It answers and lists %n model.</numerusform>
            <numerusform>It answers and lists %n models.</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>JobTile</name>
    <message numerus="yes">
        <source>%n request(s) go first.</source>
        <translation>
            <numerusform>%n request goes first.</numerusform>
            <numerusform>%n requests go first.</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>QueuePopover</name>
    <message numerus="yes">
        <source>%n request(s) at a time, chat first</source>
        <translation>
            <numerusform>%n request at a time, chat first</numerusform>
            <numerusform>%n requests at a time, chat first</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>TopBar</name>
    <message numerus="yes">
        <source>%n running</source>
        <translation>
            <numerusform>%n running</numerusform>
            <numerusform>%n running</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n waiting</source>
        <translation>
            <numerusform>%n waiting</numerusform>
            <numerusform>%n waiting</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>UsageCard</name>
    <message numerus="yes">
        <source>%n day(s)</source>
        <translation>
            <numerusform>%n day</numerusform>
            <numerusform>%n days</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>and %n more model(s)</source>
        <translation>
            <numerusform>and %n more model</numerusform>
            <numerusform>and %n more models</numerusform>
        </translation>
    </message>
</context>
</TS>

<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="en" sourcelanguage="en">
<context>
    <name>BackupRow</name>
    <message numerus="yes">
        <source>%n conversation(s)</source>
        <translation>
            <numerusform>%n conversation</numerusform>
            <numerusform>%n conversations</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>BackupsCard</name>
    <message numerus="yes">
        <source>%n day(s)</source>
        <translation>
            <numerusform>%n day</numerusform>
            <numerusform>%n days</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>Show all %n</source>
        <translation>
            <numerusform>Show all %n</numerusform>
            <numerusform>Show all %n</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>ExportSheet</name>
    <message numerus="yes">
        <source>Export %n conversation(s)</source>
        <translation>
            <numerusform>Export %n conversation</numerusform>
            <numerusform>Export %n conversations</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>HistoryResults</name>
    <message numerus="yes">
        <source>%n found</source>
        <translation>
            <numerusform>%n found</numerusform>
            <numerusform>%n found</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n+ found</source>
        <translation>
            <numerusform>%n+ found</numerusform>
            <numerusform>%n+ found</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>HistoryVerbs</name>
    <message numerus="yes">
        <source>%n conversation(s) in the trash for 30 days.</source>
        <translation>
            <numerusform>%n conversation in the trash for 30 days.</numerusform>
            <numerusform>%n conversations in the trash for 30 days.</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>HistoryWords</name>
    <message numerus="yes">
        <source>%n conversation(s)</source>
        <translation>
            <numerusform>%n conversation</numerusform>
            <numerusform>%n conversations</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n day(s) left</source>
        <translation>
            <numerusform>%n day left</numerusform>
            <numerusform>%n days left</numerusform>
        </translation>
    </message>
</context>
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
    <name>ImportRows</name>
    <message numerus="yes">
        <source>%n message(s)</source>
        <translation>
            <numerusform>%n message</numerusform>
            <numerusform>%n messages</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n picture(s)</source>
        <translation>
            <numerusform>%n picture</numerusform>
            <numerusform>%n pictures</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>ImportSheet</name>
    <message numerus="yes">
        <source>%n conversation(s)</source>
        <translation>
            <numerusform>%n conversation</numerusform>
            <numerusform>%n conversations</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n could not be read and will stay out.</source>
        <translation>
            <numerusform>%n could not be read and will stay out.</numerusform>
            <numerusform>%n could not be read and will stay out.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n message(s)</source>
        <translation>
            <numerusform>%n message</numerusform>
            <numerusform>%n messages</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n picture(s)</source>
        <translation>
            <numerusform>%n picture</numerusform>
            <numerusform>%n pictures</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n picture(s) are not in the file.</source>
        <translation>
            <numerusform>%n picture is not in the file.</numerusform>
            <numerusform>%n pictures are not in the file.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>Import %n conversation(s)</source>
        <translation>
            <numerusform>Import %n conversation</numerusform>
            <numerusform>Import %n conversations</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>Import %n picture(s)</source>
        <translation>
            <numerusform>Import %n picture</numerusform>
            <numerusform>Import %n pictures</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>JobTile</name>
    <message numerus="yes">
        <source>%n go(es) first.</source>
        <translation>
            <numerusform>%n goes first.</numerusform>
            <numerusform>%n go first.</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>OperationWords</name>
    <message numerus="yes">
        <source>%n conversation(s) got new messages.</source>
        <translation>
            <numerusform>%n conversation got new messages.</numerusform>
            <numerusform>%n conversations got new messages.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n conversation(s) imported.</source>
        <translation>
            <numerusform>%n conversation imported.</numerusform>
            <numerusform>%n conversations imported.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n conversation(s) saved.</source>
        <translation>
            <numerusform>%n conversation saved.</numerusform>
            <numerusform>%n conversations saved.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n conversation(s) were here already.</source>
        <translation>
            <numerusform>%n conversation was here already.</numerusform>
            <numerusform>%n conversations were here already.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n could not be read and stayed out:</source>
        <translation>
            <numerusform>%n could not be read and stayed out:</numerusform>
            <numerusform>%n could not be read and stayed out:</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n picture(s) could not be found.</source>
        <translation>
            <numerusform>%n picture could not be found.</numerusform>
            <numerusform>%n pictures could not be found.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n picture(s) imported.</source>
        <translation>
            <numerusform>%n picture imported.</numerusform>
            <numerusform>%n pictures imported.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n picture(s) were not in the file.</source>
        <translation>
            <numerusform>%n picture was not in the file.</numerusform>
            <numerusform>%n pictures were not in the file.</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>PaletteSheet</name>
    <message numerus="yes">
        <source>%n result(s)</source>
        <translation>
            <numerusform>%n result</numerusform>
            <numerusform>%n results</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>QuestionPictures</name>
    <message numerus="yes">
        <source>Send in %n piece(s)</source>
        <translation>
            <numerusform>Send in %n piece</numerusform>
            <numerusform>Send in %n pieces</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>QueuePopover</name>
    <message numerus="yes">
        <source>%n request(s) at a time, answers first</source>
        <translation>
            <numerusform>%n request at a time, answers first</numerusform>
            <numerusform>%n requests at a time, answers first</numerusform>
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
    <name>TrashSheet</name>
    <message numerus="yes">
        <source>Delete %n conversation(s) for good?</source>
        <translation>
            <numerusform>Delete %n conversation for good?</numerusform>
            <numerusform>Delete %n conversations for good?</numerusform>
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

<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="zh_CN" sourcelanguage="en">
<context>
    <name>AboutPage</name>
    <message>
        <source>Copied</source>
        <translation>已复制</translation>
    </message>
    <message>
        <source>Copy diagnostics</source>
        <translation>复制诊断信息</translation>
    </message>
    <message>
        <source>Diagnostics</source>
        <translation>诊断信息</translation>
    </message>
    <message>
        <source>Free software under the MIT licence.</source>
        <translation>自由软件，采用 MIT 许可证。</translation>
    </message>
    <message>
        <source>Made with</source>
        <translation>使用以下组件</translation>
    </message>
    <message>
        <source>This text, and nothing else, is copied. It holds no token and none of your words.</source>
        <translation>只会复制下面这段文字，其中没有令牌，也没有你写的任何内容。</translation>
    </message>
    <message>
        <source>Unofficial: not made or endorsed by ModelScope or Alibaba Cloud.</source>
        <translation>非官方软件：并非由魔搭社区或阿里云制作，也未获其认可。</translation>
    </message>
    <message>
        <source>Version %1</source>
        <translation>版本 %1</translation>
    </message>
</context>
<context>
    <name>AccountForm</name>
    <message>
        <source>Use this token</source>
        <translation>使用这个令牌</translation>
    </message>
</context>
<context>
    <name>AccountSummary</name>
    <message>
        <source>%1 held for running work</source>
        <translation>其中 %1 已预留给进行中的任务</translation>
    </message>
    <message>
        <source>Checking…</source>
        <translation>正在检查…</translation>
    </message>
    <message>
        <source>Credit history</source>
        <translation>魔粒记录</translation>
    </message>
    <message>
        <source>Credits are not known</source>
        <translation>魔粒数量未知</translation>
    </message>
    <message>
        <source>Credits: %1</source>
        <translation>魔粒：%1</translation>
    </message>
    <message>
        <source>Forget the token</source>
        <translation>清除令牌</translation>
    </message>
    <message>
        <source>Its answers are marked Demo. Nothing leaves this computer.</source>
        <translation>回答会标明“演示”，任何内容都不会离开这台电脑。</translation>
    </message>
    <message>
        <source>Kept for this session only; gone when the program ends</source>
        <translation>仅本次运行有效，退出程序后即清除</translation>
    </message>
    <message>
        <source>Kept in the system keyring: %1</source>
        <translation>保存在系统密钥环：%1</translation>
    </message>
    <message>
        <source>Leave the demo</source>
        <translation>退出演示</translation>
    </message>
    <message>
        <source>Looking for your token…</source>
        <translation>正在查找令牌…</translation>
    </message>
    <message>
        <source>No token yet. Enter yours below.</source>
        <translation>还没有令牌，请在下方填入。</translation>
    </message>
    <message>
        <source>Refresh</source>
        <translation>刷新</translation>
    </message>
    <message>
        <source>The demo answers</source>
        <translation>正在使用演示</translation>
    </message>
    <message>
        <source>The keyring did not delete the token. Remove it there yourself.</source>
        <translation>密钥环没能删除令牌，请到密钥环中手动移除。</translation>
    </message>
    <message>
        <source>The service has not said how many are left.</source>
        <translation>服务没有告知还剩多少。</translation>
    </message>
    <message>
        <source>The token cannot be used.</source>
        <translation>令牌无法使用。</translation>
    </message>
    <message>
        <source>The token has not been checked yet.</source>
        <translation>令牌尚未检查。</translation>
    </message>
    <message>
        <source>The token works.</source>
        <translation>令牌可用。</translation>
    </message>
    <message>
        <source>This host asks for no token.</source>
        <translation>此服务不需要令牌。</translation>
    </message>
</context>
<context>
    <name>BackupRow</name>
    <message numerus="yes">
        <source>%n conversation(s)</source>
        <translation>
            <numerusform>%n 个对话</numerusform>
        </translation>
    </message>
    <message>
        <source>Delete…</source>
        <translation>删除…</translation>
    </message>
    <message>
        <source>More</source>
        <translation>更多</translation>
    </message>
    <message>
        <source>Restore…</source>
        <translation>恢复…</translation>
    </message>
    <message>
        <source>Show in the folder</source>
        <translation>在文件夹中显示</translation>
    </message>
    <message>
        <source>unreadable</source>
        <translation>无法读取</translation>
    </message>
</context>
<context>
    <name>BackupsCard</name>
    <message numerus="yes">
        <source>%n day(s)</source>
        <translation>
            <numerusform>%n 天</numerusform>
        </translation>
    </message>
    <message>
        <source>Back up now</source>
        <translation>立即备份</translation>
    </message>
    <message>
        <source>Back up once a day</source>
        <translation>每天自动备份</translation>
    </message>
    <message>
        <source>Backups</source>
        <translation>备份</translation>
    </message>
    <message>
        <source>Keep the last</source>
        <translation>保留最近</translation>
    </message>
    <message>
        <source>Of all conversations, without pictures. The token is never in a backup.</source>
        <translation>含所有对话，不含图片；令牌从不备份。</translation>
    </message>
    <message numerus="yes">
        <source>Show all %n</source>
        <translation>
            <numerusform>全部 %n 份</numerusform>
        </translation>
    </message>
    <message>
        <source>Show fewer</source>
        <translation>收起</translation>
    </message>
    <message>
        <source>There is no backup yet.</source>
        <translation>还没有备份。</translation>
    </message>
    <message>
        <source>Your present history is backed up first, so that you can return to it.</source>
        <translation>恢复前会先备份当前数据，可以随时退回。</translation>
    </message>
</context>
<context>
    <name>BrokenTab</name>
    <message>
        <source>Open again</source>
        <translation>重新打开</translation>
    </message>
    <message>
        <source>The rest of the program goes on. If it happens again, reinstall the program; your data is not touched by that.</source>
        <translation>程序的其他部分照常可用。如果再次出现，请重新安装程序，你的数据不受影响。</translation>
    </message>
    <message>
        <source>This tab could not be opened</source>
        <translation>这个标签页打不开</translation>
    </message>
</context>
<context>
    <name>CheckRow</name>
    <message>
        <source>Bind it on {host}</source>
        <translation>去 {host} 绑定</translation>
    </message>
    <message>
        <source>Check again</source>
        <translation>重新检查</translation>
    </message>
    <message>
        <source>Network settings</source>
        <translation>网络设置</translation>
    </message>
    <message>
        <source>Open my token page</source>
        <translation>打开令牌页面</translation>
    </message>
    <message>
        <source>See my credits</source>
        <translation>查看我的魔粒</translation>
    </message>
    <message>
        <source>Verify on {host}</source>
        <translation>去 {host} 认证</translation>
    </message>
    <message>
        <source>a step is left</source>
        <translation>还差一步</translation>
    </message>
    <message>
        <source>checking</source>
        <translation>正在检查</translation>
    </message>
    <message>
        <source>checking…</source>
        <translation>正在检查…</translation>
    </message>
    <message>
        <source>failed</source>
        <translation>未通过</translation>
    </message>
    <message>
        <source>not known</source>
        <translation>未知</translation>
    </message>
    <message>
        <source>passed</source>
        <translation>已通过</translation>
    </message>
    <message>
        <source>waiting</source>
        <translation>等待中</translation>
    </message>
</context>
<context>
    <name>CodeSheet</name>
    <message>
        <source>Close</source>
        <translation>关闭</translation>
    </message>
    <message>
        <source>Copy</source>
        <translation>复制</translation>
    </message>
    <message>
        <source>Save as…</source>
        <translation>另存为…</translation>
    </message>
    <message>
        <source>Script</source>
        <translation>脚本</translation>
    </message>
    <message>
        <source>Show as code</source>
        <translation>查看代码</translation>
    </message>
    <message>
        <source>The token is not in the script: it is read from {variable}.</source>
        <translation>脚本里没有令牌，运行时从 {variable} 读取。</translation>
    </message>
</context>
<context>
    <name>Composer</name>
    <message>
        <source>Add pictures</source>
        <translation>添加图片</translation>
    </message>
    <message>
        <source>Ctrl+Enter</source>
        <translation>Ctrl+Enter</translation>
    </message>
    <message>
        <source>Enter</source>
        <translation>Enter</translation>
    </message>
    <message>
        <source>Go to the end</source>
        <translation>跳到末尾</translation>
    </message>
    <message>
        <source>Message</source>
        <translation>消息</translation>
    </message>
    <message>
        <source>Send</source>
        <translation>发送</translation>
    </message>
    <message>
        <source>Stop</source>
        <translation>停止</translation>
    </message>
    <message>
        <source>{n} characters</source>
        <translation>{n} 个字符</translation>
    </message>
</context>
<context>
    <name>ConversationHead</name>
    <message>
        <source>Answers come from this computer, not from a model.</source>
        <translation>回答来自这台电脑，而不是模型。</translation>
    </message>
    <message>
        <source>Anthropic-compatible</source>
        <translation>Anthropic 兼容</translation>
    </message>
    <message>
        <source>Demo</source>
        <translation>演示</translation>
    </message>
    <message>
        <source>Export…</source>
        <translation>导出…</translation>
    </message>
    <message>
        <source>Interface: {name}</source>
        <translation>接口：{name}</translation>
    </message>
    <message>
        <source>More</source>
        <translation>更多</translation>
    </message>
    <message>
        <source>OpenAI-compatible</source>
        <translation>OpenAI 兼容</translation>
    </message>
    <message>
        <source>Parameters</source>
        <translation>参数</translation>
    </message>
    <message>
        <source>Which of the service&apos;s two interfaces is used</source>
        <translation>使用服务的哪一种接口</translation>
    </message>
</context>
<context>
    <name>ConversationTab</name>
    <message>
        <source>Add a picture, then ask about it</source>
        <translation>先放入图片，再提问</translation>
    </message>
    <message>
        <source>Ask anything</source>
        <translation>随便问</translation>
    </message>
    <message>
        <source>There is nothing to export yet.</source>
        <translation>还没有可导出的内容。</translation>
    </message>
</context>
<context>
    <name>DataCard</name>
    <message>
        <source>%1 free on the disk</source>
        <translation>磁盘还剩 %1</translation>
    </message>
    <message>
        <source>%1 used</source>
        <translation>已用 %1</translation>
    </message>
    <message>
        <source>Data folder</source>
        <translation>数据文件夹</translation>
    </message>
    <message>
        <source>Delete…</source>
        <translation>删除…</translation>
    </message>
    <message>
        <source>Move to…</source>
        <translation>移动到…</translation>
    </message>
    <message>
        <source>Old data folder</source>
        <translation>旧的数据文件夹</translation>
    </message>
    <message>
        <source>Open</source>
        <translation>打开</translation>
    </message>
    <message>
        <source>Pictures folder</source>
        <translation>图片文件夹</translation>
    </message>
    <message>
        <source>The folder was given on the command line.</source>
        <translation>数据文件夹由命令行指定。</translation>
    </message>
</context>
<context>
    <name>Draft</name>
    <message>
        <source>Editing: sending makes a new version. Esc cancels.</source>
        <translation>正在编辑：发送后生成新版本，按 Esc 取消。</translation>
    </message>
</context>
<context>
    <name>DropZone</name>
    <message>
        <source>Before it is sent it is turned upright, freed of camera data and shrunk to the model&apos;s limit. Your file is not touched.</source>
        <translation>发送前自动摆正方向、去除拍摄信息并缩小到模型上限，原图不会改动。</translation>
    </message>
    <message>
        <source>Browse files…</source>
        <translation>浏览文件…</translation>
    </message>
    <message>
        <source>Drop a picture here</source>
        <translation>把图片拖到这里</translation>
    </message>
    <message>
        <source>Paste</source>
        <translation>粘贴</translation>
    </message>
    <message>
        <source>Picture address</source>
        <translation>图片网址</translation>
    </message>
    <message>
        <source>Then ask anything about it.</source>
        <translation>然后就可以随便问。</translation>
    </message>
</context>
<context>
    <name>EmptyChat</name>
    <message>
        <source>Good afternoon. Where shall we begin?</source>
        <translation>下午好，想从哪里开始？</translation>
    </message>
    <message>
        <source>Good evening. Where shall we begin?</source>
        <translation>晚上好，想从哪里开始？</translation>
    </message>
    <message>
        <source>Good morning. Where shall we begin?</source>
        <translation>早上好，想从哪里开始？</translation>
    </message>
    <message>
        <source>Import from ChatGPT and others</source>
        <translation>从 ChatGPT 等导入对话</translation>
    </message>
    <message>
        <source>Take an example, or write below.</source>
        <translation>选一个示例，或者直接在下面输入。</translation>
    </message>
</context>
<context>
    <name>ExchangesCard</name>
    <message>
        <source>Last exchanges</source>
        <translation>最近的请求</translation>
    </message>
    <message>
        <source>Nothing was sent since the start.</source>
        <translation>启动以来还没有发送过请求。</translation>
    </message>
    <message>
        <source>What was sent and received, without words and token. Gone when you quit.</source>
        <translation>收发记录，不含文字内容和令牌，退出后即清除。</translation>
    </message>
</context>
<context>
    <name>ExportSheet</name>
    <message>
        <source>Cancel</source>
        <translation>取消</translation>
    </message>
    <message>
        <source>Choose where…</source>
        <translation>选择位置…</translation>
    </message>
    <message numerus="yes">
        <source>Export %n conversation(s)</source>
        <translation>
            <numerusform>导出 %n 个对话</numerusform>
        </translation>
    </message>
    <message>
        <source>Export the conversation</source>
        <translation>导出对话</translation>
    </message>
    <message>
        <source>Format</source>
        <translation>格式</translation>
    </message>
    <message>
        <source>With the pictures</source>
        <translation>包含图片</translation>
    </message>
    <message>
        <source>With the reasoning</source>
        <translation>包含思考过程</translation>
    </message>
</context>
<context>
    <name>FindBar</name>
    <message>
        <source>Close (Esc)</source>
        <translation>关闭（Esc）</translation>
    </message>
    <message>
        <source>Find in the conversation</source>
        <translation>在对话中查找</translation>
    </message>
    <message>
        <source>Match case</source>
        <translation>区分大小写</translation>
    </message>
    <message>
        <source>Next hit (Enter)</source>
        <translation>下一处（Enter）</translation>
    </message>
    <message>
        <source>Nothing found</source>
        <translation>没有找到</translation>
    </message>
    <message>
        <source>Previous hit (Shift+Enter)</source>
        <translation>上一处（Shift+Enter）</translation>
    </message>
</context>
<context>
    <name>FolderDialogs</name>
    <message>
        <source>Data folder</source>
        <translation>数据文件夹</translation>
    </message>
    <message>
        <source>Delete</source>
        <translation>删除</translation>
    </message>
    <message>
        <source>Delete the old data folder?</source>
        <translation>删除旧的数据文件夹？</translation>
    </message>
    <message>
        <source>Move</source>
        <translation>移动</translation>
    </message>
    <message>
        <source>Move the data folder to</source>
        <translation>将数据文件夹移动到</translation>
    </message>
    <message>
        <source>Move the data to {folder}?</source>
        <translation>将数据移动到 {folder}？</translation>
    </message>
    <message>
        <source>Use the old folder</source>
        <translation>使用旧文件夹</translation>
    </message>
    <message>
        <source>What the program had in {folder} is gone for good then: the old history, its backups and sent pictures. Everything is in the new folder.</source>
        <translation>{folder} 中旧的历史记录、备份和发送过的图片会被彻底删除。新文件夹中已有全部数据。</translation>
    </message>
    <message>
        <source>{size} are copied and compared; then the program starts again by itself. The old folder stays until you delete it.</source>
        <translation>将复制并核对 {size} 的数据，然后程序会自动重新启动。旧文件夹会保留，直到你删除它。</translation>
    </message>
</context>
<context>
    <name>HistoryFilter</name>
    <message>
        <source>Filter, folders and trash</source>
        <translation>筛选、文件夹与回收站</translation>
    </message>
    <message>
        <source>Only a folder</source>
        <translation>只看某个文件夹</translation>
    </message>
    <message>
        <source>Only one model</source>
        <translation>只看某个模型</translation>
    </message>
    <message>
        <source>Only {name}: show all again</source>
        <translation>只看 {name}：重新显示全部</translation>
    </message>
    <message>
        <source>Show all</source>
        <translation>显示全部</translation>
    </message>
</context>
<context>
    <name>HistoryPane</name>
    <message>
        <source>History</source>
        <translation>历史记录</translation>
    </message>
    <message>
        <source>New conversation</source>
        <translation>新对话</translation>
    </message>
    <message>
        <source>New question</source>
        <translation>新提问</translation>
    </message>
    <message>
        <source>Nothing here. The filter above hides the rest.</source>
        <translation>这里没有内容，其余对话被上方的筛选隐藏了。</translation>
    </message>
    <message>
        <source>Search all conversations</source>
        <translation>搜索所有对话</translation>
    </message>
    <message>
        <source>Search all questions</source>
        <translation>搜索所有提问</translation>
    </message>
    <message>
        <source>Search history</source>
        <translation>搜索所有对话</translation>
    </message>
    <message>
        <source>The history is being opened…</source>
        <translation>正在打开历史记录…</translation>
    </message>
    <message>
        <source>Your conversations will be here.</source>
        <translation>聊过的对话会留在这里。</translation>
    </message>
    <message>
        <source>Your questions about pictures will be here.</source>
        <translation>问过的图片和回答会留在这里。</translation>
    </message>
</context>
<context>
    <name>HistoryResults</name>
    <message numerus="yes">
        <source>%n found</source>
        <translation>
            <numerusform>找到 %n 个对话</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n+ found</source>
        <translation>
            <numerusform>超过 %n 个对话</numerusform>
        </translation>
    </message>
    <message>
        <source>Best match</source>
        <translation>按相关度</translation>
    </message>
    <message>
        <source>Newest first</source>
        <translation>按时间</translation>
    </message>
    <message>
        <source>Nothing found.</source>
        <translation>没有找到。</translation>
    </message>
    <message>
        <source>Order: {order}</source>
        <translation>排序：{order}</translation>
    </message>
    <message>
        <source>Search all tabs</source>
        <translation>搜索所有标签页</translation>
    </message>
    <message>
        <source>Search results</source>
        <translation>搜索结果</translation>
    </message>
    <message>
        <source>“two words” finds them together, OR finds either, and -word leaves out.</source>
        <translation>用引号查找完整短语，用 OR 查找任意一个，用“-词语”排除。</translation>
    </message>
</context>
<context>
    <name>HistoryTools</name>
    <message>
        <source>New folder…</source>
        <translation>新建文件夹…</translation>
    </message>
    <message>
        <source>Trash…</source>
        <translation>回收站…</translation>
    </message>
</context>
<context>
    <name>HistoryVerbs</name>
    <message numerus="yes">
        <source>%n conversation(s) in the trash for 30 days.</source>
        <translation>
            <numerusform>%n 个对话已移入回收站，保留 30 天。</numerusform>
        </translation>
    </message>
    <message>
        <source>Name of the folder</source>
        <translation>文件夹名称</translation>
    </message>
    <message>
        <source>New folder</source>
        <translation>新建文件夹</translation>
    </message>
    <message>
        <source>Rename</source>
        <translation>重命名</translation>
    </message>
    <message>
        <source>The conversation is in the trash for 30 days.</source>
        <translation>对话已移入回收站，保留 30 天。</translation>
    </message>
    <message>
        <source>The folder is gone, its conversations are kept.</source>
        <translation>文件夹已删除，其中的对话都保留了下来。</translation>
    </message>
    <message>
        <source>Title of the conversation</source>
        <translation>对话标题</translation>
    </message>
    <message>
        <source>Undo</source>
        <translation>撤销</translation>
    </message>
</context>
<context>
    <name>HistoryWords</name>
    <message numerus="yes">
        <source>%n conversation(s)</source>
        <translation>
            <numerusform>%n 个对话</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n day(s) left</source>
        <translation>
            <numerusform>还剩 %n 天</numerusform>
        </translation>
    </message>
    <message>
        <source>Gone today</source>
        <translation>今天清除</translation>
    </message>
    <message>
        <source>Loading…</source>
        <translation>正在载入…</translation>
    </message>
    <message>
        <source>closed</source>
        <translation>已折叠</translation>
    </message>
    <message>
        <source>open</source>
        <translation>已展开</translation>
    </message>
</context>
<context>
    <name>HostForm</name>
    <message>
        <source>Add a host</source>
        <translation>添加服务</translation>
    </message>
    <message>
        <source>Address</source>
        <translation>地址</translation>
    </message>
    <message>
        <source>Anthropic-compatible</source>
        <translation>Anthropic 兼容</translation>
    </message>
    <message>
        <source>As you want to see it; empty takes the address</source>
        <translation>显示用的名称，留空则用地址</translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation>取消</translation>
    </message>
    <message>
        <source>Change the host</source>
        <translation>修改服务</translation>
    </message>
    <message>
        <source>I accept that for this host</source>
        <translation>我接受此服务的这一风险</translation>
    </message>
    <message>
        <source>Interface</source>
        <translation>接口</translation>
    </message>
    <message>
        <source>It asks for a token</source>
        <translation>需要令牌</translation>
    </message>
    <message>
        <source>Name</source>
        <translation>名称</translation>
    </message>
    <message>
        <source>OpenAI-compatible</source>
        <translation>OpenAI 兼容</translation>
    </message>
    <message>
        <source>Over http:// anyone on the way can read your token, your words and the answers. On this computer itself it is safe.</source>
        <translation>http:// 未加密，途经的任何人都能读到你的令牌、内容和回答。仅在本机上使用才是安全的。</translation>
    </message>
    <message>
        <source>Save</source>
        <translation>保存</translation>
    </message>
</context>
<context>
    <name>HostRow</name>
    <message>
        <source>Anthropic-compatible</source>
        <translation>Anthropic 兼容</translation>
    </message>
    <message>
        <source>Edit</source>
        <translation>编辑</translation>
    </message>
    <message>
        <source>Enter its token</source>
        <translation>输入令牌</translation>
    </message>
    <message>
        <source>In use</source>
        <translation>使用中</translation>
    </message>
    <message numerus="yes">
        <source>It answers and lists %n model(s).</source>
        <translation>
            <numerusform>连接正常，列出 %n 个模型。</numerusform>
        </translation>
    </message>
    <message>
        <source>It answers, but lists no models: type a model&apos;s id in the conversation.</source>
        <translation>连接正常，但没有模型列表：请在对话中输入模型 ID。</translation>
    </message>
    <message>
        <source>ModelScope&apos;s own service; site and token are on the account page.</source>
        <translation>ModelScope 官方服务，站点和令牌在“账号”页设置。</translation>
    </message>
    <message>
        <source>OpenAI-compatible</source>
        <translation>OpenAI 兼容</translation>
    </message>
    <message>
        <source>Remove</source>
        <translation>移除</translation>
    </message>
    <message>
        <source>Test</source>
        <translation>测试</translation>
    </message>
    <message>
        <source>Testing…</source>
        <translation>正在测试…</translation>
    </message>
    <message>
        <source>Use</source>
        <translation>使用</translation>
    </message>
    <message>
        <source>given at the start (--base-url)</source>
        <translation>启动时由 --base-url 指定</translation>
    </message>
    <message>
        <source>no token</source>
        <translation>无需令牌</translation>
    </message>
    <message>
        <source>not encrypted</source>
        <translation>未加密</translation>
    </message>
</context>
<context>
    <name>HostsPage</name>
    <message>
        <source>Add a host</source>
        <translation>添加服务</translation>
    </message>
</context>
<context>
    <name>ImageForm</name>
    <message>
        <source>Describe the picture you would like to see</source>
        <translation>描述你想看到的画面</translation>
    </message>
    <message>
        <source>Generate</source>
        <translation>生成</translation>
    </message>
    <message>
        <source>Guidance</source>
        <translation>引导系数</translation>
    </message>
    <message>
        <source>How closely the picture follows the prompt</source>
        <translation>画面贴合提示词的程度</translation>
    </message>
    <message>
        <source>How often the picture is refined; more takes longer</source>
        <translation>画面细化的次数，越多越慢</translation>
    </message>
    <message>
        <source>Locked</source>
        <translation>已锁定</translation>
    </message>
    <message>
        <source>Model</source>
        <translation>模型</translation>
    </message>
    <message>
        <source>New for each picture</source>
        <translation>每张都换</translation>
    </message>
    <message>
        <source>Prompt</source>
        <translation>提示词</translation>
    </message>
    <message>
        <source>Seed</source>
        <translation>种子</translation>
    </message>
    <message>
        <source>Size</source>
        <translation>尺寸</translation>
    </message>
    <message>
        <source>Steps</source>
        <translation>步数</translation>
    </message>
    <message>
        <source>about 1 credit</source>
        <translation>约 1 魔粒</translation>
    </message>
    <message>
        <source>about {n} credits</source>
        <translation>约 {n} 魔粒</translation>
    </message>
    <message>
        <source>default</source>
        <translation>默认</translation>
    </message>
    <message>
        <source>{low} to {high} px a side</source>
        <translation>边长 {low}–{high}</translation>
    </message>
</context>
<context>
    <name>ImageInvite</name>
    <message>
        <source>Describe one at the left, or begin with one of these and change it.</source>
        <translation>在左侧描述画面，或者从这里选一个再改。</translation>
    </message>
    <message>
        <source>Your pictures will be here</source>
        <translation>画好的图片会在这里</translation>
    </message>
</context>
<context>
    <name>ImageStage</name>
    <message>
        <source>Copy the picture</source>
        <translation>复制图片</translation>
    </message>
    <message>
        <source>Delete</source>
        <translation>删除</translation>
    </message>
    <message>
        <source>Demo</source>
        <translation>演示</translation>
    </message>
    <message>
        <source>Open the folder</source>
        <translation>打开文件夹</translation>
    </message>
    <message>
        <source>Picture: {prompt}</source>
        <translation>图片：{prompt}</translation>
    </message>
    <message>
        <source>Save as</source>
        <translation>另存为</translation>
    </message>
    <message>
        <source>Save as PNG, JPEG or WebP</source>
        <translation>另存为 PNG、JPEG 或 WebP</translation>
    </message>
    <message>
        <source>Use these settings again</source>
        <translation>再次使用这些参数</translation>
    </message>
</context>
<context>
    <name>ImageTab</name>
    <message>
        <source>A prompt is words only. Drop a picture on the Vision tab to ask about it.</source>
        <translation>提示词只能是文字。想就图片提问，请把它拖到“看图”标签页。</translation>
    </message>
    <message>
        <source>Earlier pictures</source>
        <translation>之前的图片</translation>
    </message>
    <message>
        <source>The picture was copied.</source>
        <translation>图片已复制。</translation>
    </message>
    <message>
        <source>The picture was deleted.</source>
        <translation>图片已删除。</translation>
    </message>
    <message>
        <source>This model takes no {names}: the picture came without.</source>
        <translation>该模型不支持 {names}，这张图片没有用到。</translation>
    </message>
    <message>
        <source>Undo</source>
        <translation>撤销</translation>
    </message>
</context>
<context>
    <name>ImportRows</name>
    <message numerus="yes">
        <source>%n message(s)</source>
        <translation>
            <numerusform>%n 条消息</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n picture(s)</source>
        <translation>
            <numerusform>%n 张图片</numerusform>
        </translation>
    </message>
    <message>
        <source>Untitled</source>
        <translation>未命名</translation>
    </message>
    <message>
        <source>here already, only what is new is added</source>
        <translation>已经存在，只添加新的内容</translation>
    </message>
</context>
<context>
    <name>ImportSheet</name>
    <message numerus="yes">
        <source>%n conversation(s)</source>
        <translation>
            <numerusform>%n 个对话</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n could not be read and will stay out.</source>
        <translation>
            <numerusform>%n 项无法读取，不会导入。</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n message(s)</source>
        <translation>
            <numerusform>%n 条消息</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n picture(s)</source>
        <translation>
            <numerusform>%n 张图片</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n picture(s) are not in the file.</source>
        <translation>
            <numerusform>%n 张图片不在文件中。</numerusform>
        </translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation>取消</translation>
    </message>
    <message>
        <source>Conversations in the file</source>
        <translation>文件中的对话</translation>
    </message>
    <message>
        <source>Folders as in the file</source>
        <translation>保持文件中的文件夹</translation>
    </message>
    <message>
        <source>Hide</source>
        <translation>收起</translation>
    </message>
    <message numerus="yes">
        <source>Import %n conversation(s)</source>
        <translation>
            <numerusform>导入 %n 个对话</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>Import %n picture(s)</source>
        <translation>
            <numerusform>导入 %n 张图片</numerusform>
        </translation>
    </message>
    <message>
        <source>Import conversations</source>
        <translation>导入对话</translation>
    </message>
    <message>
        <source>Imported</source>
        <translation>导入的对话</translation>
    </message>
    <message>
        <source>Into the folder</source>
        <translation>放入文件夹</translation>
    </message>
    <message>
        <source>New folder “{name}”</source>
        <translation>新建文件夹“{name}”</translation>
    </message>
    <message>
        <source>No folder</source>
        <translation>不放入文件夹</translation>
    </message>
    <message>
        <source>No title fits.</source>
        <translation>没有符合的标题。</translation>
    </message>
    <message>
        <source>Search titles</source>
        <translation>搜索标题</translation>
    </message>
    <message>
        <source>Select all</source>
        <translation>全选</translation>
    </message>
    <message>
        <source>Select none</source>
        <translation>全不选</translation>
    </message>
    <message>
        <source>Show which and why</source>
        <translation>查看是哪些和原因</translation>
    </message>
</context>
<context>
    <name>Inspector</name>
    <message>
        <source>A system prompt is words only. Drop pictures on the message field.</source>
        <translation>系统提示词只能是文字。图片请拖到消息输入框。</translation>
    </message>
    <message>
        <source>Default</source>
        <translation>默认</translation>
    </message>
    <message>
        <source>Higher is freer, lower is more predictable</source>
        <translation>越高越自由，越低越稳定</translation>
    </message>
    <message>
        <source>How should it answer? Leave empty for no rule.</source>
        <translation>希望它怎样回答？留空则不作要求。</translation>
    </message>
    <message>
        <source>Max tokens</source>
        <translation>词元上限</translation>
    </message>
    <message>
        <source>Off</source>
        <translation>关</translation>
    </message>
    <message>
        <source>On</source>
        <translation>开</translation>
    </message>
    <message>
        <source>Only the likeliest words up to this share are used</source>
        <translation>只从累计概率达到此值的词里选</translation>
    </message>
    <message>
        <source>System prompt</source>
        <translation>系统提示词</translation>
    </message>
    <message>
        <source>Temperature</source>
        <translation>温度</translation>
    </message>
    <message>
        <source>The longest answer, in tokens</source>
        <translation>回答的词元上限</translation>
    </message>
    <message>
        <source>The service refused this: {said}</source>
        <translation>服务拒绝了这个值：{said}</translation>
    </message>
    <message>
        <source>Thinking</source>
        <translation>思考</translation>
    </message>
    <message>
        <source>Top p</source>
        <translation>Top p</translation>
    </message>
    <message>
        <source>model&apos;s default</source>
        <translation>模型默认</translation>
    </message>
</context>
<context>
    <name>JobRow</name>
    <message>
        <source>Cancel</source>
        <translation>取消</translation>
    </message>
    <message>
        <source>Look again</source>
        <translation>再查看</translation>
    </message>
    <message>
        <source>Remove</source>
        <translation>移除</translation>
    </message>
    <message>
        <source>Retry</source>
        <translation>重试</translation>
    </message>
    <message>
        <source>Stop waiting</source>
        <translation>停止等待</translation>
    </message>
    <message>
        <source>again in {time}</source>
        <translation>重试倒计时 {time}</translation>
    </message>
</context>
<context>
    <name>JobTile</name>
    <message numerus="yes">
        <source>%n go(es) first.</source>
        <translation>
            <numerusform>前面还有 %n 个。</numerusform>
        </translation>
    </message>
    <message>
        <source>Bind the account</source>
        <translation>绑定账号</translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation>取消</translation>
    </message>
    <message>
        <source>Change it in the form</source>
        <translation>在表单中修改</translation>
    </message>
    <message>
        <source>Choose another model</source>
        <translation>换一个模型</translation>
    </message>
    <message>
        <source>Continue with {model}</source>
        <translation>用 {model} 继续</translation>
    </message>
    <message>
        <source>Copy details</source>
        <translation>复制详情</translation>
    </message>
    <message>
        <source>Fetching the picture · {time}</source>
        <translation>正在取回图片 · {time}</translation>
    </message>
    <message>
        <source>Generating · {time}</source>
        <translation>正在生成 · {time}</translation>
    </message>
    <message>
        <source>It goes on when {host} is used again.</source>
        <translation>切换回 {host} 后会接着进行。</translation>
    </message>
    <message>
        <source>Look again</source>
        <translation>再查看</translation>
    </message>
    <message>
        <source>Network settings</source>
        <translation>网络设置</translation>
    </message>
    <message>
        <source>On hold</source>
        <translation>已搁置</translation>
    </message>
    <message>
        <source>One request at a time, answers first.</source>
        <translation>一次只提交一个任务，对话优先。</translation>
    </message>
    <message>
        <source>Open token settings</source>
        <translation>打开令牌设置</translation>
    </message>
    <message>
        <source>Order again</source>
        <translation>重新提交</translation>
    </message>
    <message>
        <source>Ordering the picture · {time}</source>
        <translation>正在提交任务 · {time}</translation>
    </message>
    <message>
        <source>Remove</source>
        <translation>移除</translation>
    </message>
    <message>
        <source>Retry</source>
        <translation>重试</translation>
    </message>
    <message>
        <source>Retrying in {time}</source>
        <translation>重试倒计时 {time}</translation>
    </message>
    <message>
        <source>See my credits</source>
        <translation>查看我的魔粒</translation>
    </message>
    <message>
        <source>Stop waiting</source>
        <translation>停止等待</translation>
    </message>
    <message>
        <source>The service asks to slow down. Your order is kept.</source>
        <translation>请求过于频繁，已被限流，任务已保留。</translation>
    </message>
    <message>
        <source>The service may have finished the picture meanwhile.</source>
        <translation>服务可能已经把图片画好了。</translation>
    </message>
    <message>
        <source>The service tells no progress; this may take a minute.</source>
        <translation>服务不提供进度，可能需要一分钟。</translation>
    </message>
    <message>
        <source>This model recently took about {time}.</source>
        <translation>该模型近期平均约 {time}。</translation>
    </message>
    <message>
        <source>Try it offline</source>
        <translation>离线试用</translation>
    </message>
    <message>
        <source>Verify the account</source>
        <translation>实名认证</translation>
    </message>
    <message>
        <source>Waiting for its turn</source>
        <translation>正在排队</translation>
    </message>
    <message>
        <source>You stopped waiting</source>
        <translation>已停止等待</translation>
    </message>
    <message>
        <source>{what}. Still trying.</source>
        <translation>{what}，仍在重试。</translation>
    </message>
</context>
<context>
    <name>LanguageButton</name>
    <message>
        <source>Language</source>
        <translation>语言</translation>
    </message>
    <message>
        <source>Same as the system</source>
        <translation>跟随系统</translation>
    </message>
</context>
<context>
    <name>MainWindow</name>
    <message>
        <source>Copy details</source>
        <translation>复制详情</translation>
    </message>
    <message>
        <source>Moda Studio</source>
        <translation>Moda Studio</translation>
    </message>
    <message>
        <source>Only {credits} left. New ones come with the daily login.</source>
        <translation>只剩 {credits}。每天登录会发放新的魔粒。</translation>
    </message>
    <message>
        <source>See credits</source>
        <translation>查看魔粒</translation>
    </message>
</context>
<context>
    <name>ModelDetails</name>
    <message>
        <source>Forget</source>
        <translation>清除</translation>
    </message>
    <message>
        <source>Forget what was learned about this model</source>
        <translation>清除对这个模型的了解</translation>
    </message>
    <message>
        <source>Learned about {model}</source>
        <translation>对 {model} 的了解</translation>
    </message>
    <message>
        <source>“{words}”, {time}</source>
        <translation>“{words}”，{time}</translation>
    </message>
</context>
<context>
    <name>ModelPicker</name>
    <message>
        <source>Choose a model</source>
        <translation>选择模型</translation>
    </message>
    <message>
        <source>Model: {id}</source>
        <translation>模型：{id}</translation>
    </message>
</context>
<context>
    <name>ModelPopup</name>
    <message>
        <source>As of {time}</source>
        <translation>更新于 {time}</translation>
    </message>
    <message>
        <source>Asking the service…</source>
        <translation>正在询问服务…</translation>
    </message>
    <message>
        <source>Models</source>
        <translation>模型</translation>
    </message>
    <message>
        <source>Refresh the list of models</source>
        <translation>刷新模型列表</translation>
    </message>
    <message>
        <source>Search models</source>
        <translation>搜索模型</translation>
    </message>
    <message>
        <source>Search, or type any model&apos;s id</source>
        <translation>搜索，或输入任意模型 ID</translation>
    </message>
    <message>
        <source>The service has not been asked yet.</source>
        <translation>还没有询问过服务。</translation>
    </message>
</context>
<context>
    <name>ModelRows</name>
    <message>
        <source>All models</source>
        <translation>所有模型</translation>
    </message>
    <message>
        <source>Favourites</source>
        <translation>收藏</translation>
    </message>
    <message>
        <source>Recently used</source>
        <translation>最近使用</translation>
    </message>
    <message>
        <source>added by you</source>
        <translation>自行添加</translation>
    </message>
    <message>
        <source>done for today, until {time}</source>
        <translation>今天已用完，{time} 恢复</translation>
    </message>
    <message>
        <source>new</source>
        <translation>新上线</translation>
    </message>
    <message>
        <source>no longer served</source>
        <translation>已下线</translation>
    </message>
    <message>
        <source>not in the service&apos;s list any more</source>
        <translation>已不在服务的列表中</translation>
    </message>
</context>
<context>
    <name>NegativePrompt</name>
    <message>
        <source>Negative prompt</source>
        <translation>反向提示词</translation>
    </message>
    <message>
        <source>What the picture should not show</source>
        <translation>画面里不要出现什么</translation>
    </message>
</context>
<context>
    <name>NoticeBar</name>
    <message>
        <source>Close</source>
        <translation>关闭</translation>
    </message>
</context>
<context>
    <name>OperationBar</name>
    <message>
        <source>Cancel</source>
        <translation>取消</translation>
    </message>
    <message>
        <source>Close</source>
        <translation>关闭</translation>
    </message>
    <message>
        <source>Open the folder</source>
        <translation>打开文件夹</translation>
    </message>
    <message>
        <source>Progress</source>
        <translation>进度</translation>
    </message>
</context>
<context>
    <name>OperationDialogs</name>
    <message>
        <source>All files</source>
        <translation>所有文件</translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation>取消</translation>
    </message>
    <message>
        <source>Choose a folder</source>
        <translation>选择文件夹</translation>
    </message>
    <message>
        <source>Choose a folder with exports</source>
        <translation>选择存放导出文件的文件夹</translation>
    </message>
    <message>
        <source>Close</source>
        <translation>关闭</translation>
    </message>
    <message>
        <source>Conversation</source>
        <translation>对话</translation>
    </message>
    <message>
        <source>Conversations</source>
        <translation>对话</translation>
    </message>
    <message>
        <source>Delete</source>
        <translation>删除</translation>
    </message>
    <message>
        <source>Delete the backup of {when}?</source>
        <translation>删除 {when} 的备份？</translation>
    </message>
    <message>
        <source>Export</source>
        <translation>导出</translation>
    </message>
    <message>
        <source>Exports of Moda Studio, ChatGPT and others</source>
        <translation>Moda Studio、ChatGPT 等导出的文件</translation>
    </message>
    <message>
        <source>Go back to the history of {when}?</source>
        <translation>恢复到 {when} 的备份？</translation>
    </message>
    <message>
        <source>Import conversations</source>
        <translation>导入对话</translation>
    </message>
    <message>
        <source>It is gone for good. Your conversations stay as they are.</source>
        <translation>备份会被彻底删除，现有的对话不受影响。</translation>
    </message>
    <message>
        <source>One thing at a time: something else is under way.</source>
        <translation>正在进行另一项操作，请等它完成。</translation>
    </message>
    <message>
        <source>Restore</source>
        <translation>恢复</translation>
    </message>
    <message>
        <source>Your present history is backed up first, so that you can return to it. Then the program starts again by itself. Answers under way are stopped; pictures stay.</source>
        <translation>会先备份当前数据，可以随时退回；然后程序会自动重新启动。正在生成的回答会停止，图片不受影响。</translation>
    </message>
</context>
<context>
    <name>OperationWords</name>
    <message numerus="yes">
        <source>%n conversation(s) got new messages.</source>
        <translation>
            <numerusform>%n 个对话增加了新消息。</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n conversation(s) imported.</source>
        <translation>
            <numerusform>已导入 %n 个对话。</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n conversation(s) saved.</source>
        <translation>
            <numerusform>已保存 %n 个对话。</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n conversation(s) were here already.</source>
        <translation>
            <numerusform>%n 个对话已经存在。</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n could not be read and stayed out:</source>
        <translation>
            <numerusform>%n 项无法读取，没有导入：</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n picture(s) could not be found.</source>
        <translation>
            <numerusform>%n 张图片已找不到。</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n picture(s) imported.</source>
        <translation>
            <numerusform>已导入 %n 张图片。</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n picture(s) were not in the file.</source>
        <translation>
            <numerusform>文件中缺少 %n 张图片。</numerusform>
        </translation>
    </message>
    <message>
        <source>The file holds no conversation.</source>
        <translation>文件中没有对话。</translation>
    </message>
</context>
<context>
    <name>PaletteSheet</name>
    <message numerus="yes">
        <source>%n result(s)</source>
        <translation>
            <numerusform>%n 个结果</numerusform>
        </translation>
    </message>
    <message>
        <source>Close</source>
        <translation>关闭</translation>
    </message>
    <message>
        <source>Found</source>
        <translation>搜索结果</translation>
    </message>
    <message>
        <source>Group</source>
        <translation>分组</translation>
    </message>
    <message>
        <source>Move</source>
        <translation>移动</translation>
    </message>
    <message>
        <source>Nothing found.</source>
        <translation>没有找到。</translation>
    </message>
    <message>
        <source>Open</source>
        <translation>打开</translation>
    </message>
    <message>
        <source>Search actions, conversations, models and pictures</source>
        <translation>搜索操作、对话、模型和图片</translation>
    </message>
    <message>
        <source>actions</source>
        <translation>操作</translation>
    </message>
    <message>
        <source>models</source>
        <translation>模型</translation>
    </message>
    <message>
        <source>pictures</source>
        <translation>图片</translation>
    </message>
</context>
<context>
    <name>PictureCard</name>
    <message>
        <source>Remove this picture</source>
        <translation>移除这张图片</translation>
    </message>
</context>
<context>
    <name>PictureSaver</name>
    <message>
        <source>Open the folder</source>
        <translation>打开文件夹</translation>
    </message>
    <message>
        <source>Save the picture</source>
        <translation>保存图片</translation>
    </message>
    <message>
        <source>Saved as {name}</source>
        <translation>已保存为 {name}</translation>
    </message>
    <message>
        <source>Saved as {name}, without prompt and settings: JPEG has no room for so many.</source>
        <translation>已保存为 {name}，但没有写入提示词和参数：JPEG 放不下这么长的内容。</translation>
    </message>
</context>
<context>
    <name>PlaceRow</name>
    <message>
        <source>Change</source>
        <translation>更改</translation>
    </message>
    <message>
        <source>Change where the token is kept</source>
        <translation>更改令牌的保存位置</translation>
    </message>
    <message>
        <source>Keep it for this session only</source>
        <translation>仅本次运行保留</translation>
    </message>
    <message>
        <source>Kept for %1; gone when the program ends</source>
        <translation>%1有效，退出程序后即清除</translation>
    </message>
    <message>
        <source>Kept in %1</source>
        <translation>保存在%1</translation>
    </message>
    <message>
        <source>System keyring</source>
        <translation>系统密钥环</translation>
    </message>
    <message>
        <source>System keyring: %1</source>
        <translation>系统密钥环：%1</translation>
    </message>
    <message>
        <source>This session only</source>
        <translation>仅本次运行</translation>
    </message>
    <message>
        <source>Waiting for your system keyring…</source>
        <translation>正在等待系统密钥环…</translation>
    </message>
    <message>
        <source>Will be kept in %1</source>
        <translation>将保存在%1</translation>
    </message>
    <message>
        <source>this session only</source>
        <translation>仅本次运行</translation>
    </message>
</context>
<context>
    <name>Presenter</name>
    <message>
        <source>Add a picture first, then ask about it.</source>
        <translation>请先放入图片，再提问。</translation>
    </message>
    <message>
        <source>Choose…</source>
        <translation>选择…</translation>
    </message>
    <message>
        <source>Conversation</source>
        <translation>对话</translation>
    </message>
    <message>
        <source>Go on from where you stopped.</source>
        <translation>请从刚才中断的地方继续。</translation>
    </message>
    <message>
        <source>New conversation</source>
        <translation>新对话</translation>
    </message>
    <message>
        <source>New question</source>
        <translation>新提问</translation>
    </message>
    <message>
        <source>One moment: the picture is still being read.</source>
        <translation>请稍候，图片还在读取。</translation>
    </message>
    <message>
        <source>Stop</source>
        <translation>停止</translation>
    </message>
    <message>
        <source>Text size: {n} %</source>
        <translation>文字大小：{n}%</translation>
    </message>
    <message>
        <source>The answer is still being written. Your message waits in the field.</source>
        <translation>回答仍在生成，你的消息留在输入框中。</translation>
    </message>
    <message>
        <source>The details are on the clipboard.</source>
        <translation>详情已复制到剪贴板。</translation>
    </message>
    <message>
        <source>This is a new conversation; the earlier one stays as it is.</source>
        <translation>这是一个新对话，原来的对话保持不变。</translation>
    </message>
    <message>
        <source>This model takes no {names}: the answer came without.</source>
        <translation>该模型不支持 {names}，这次回答没有用到。</translation>
    </message>
    <message>
        <source>{model} takes no pictures. Choose a model that can see, or ask in Vision.</source>
        <translation>{model} 不支持图片。请换用支持图片的模型，或到“看图”中提问。</translation>
    </message>
</context>
<context>
    <name>PromptField</name>
    <message>
        <source>{n} / {limit}</source>
        <translation>{n} / {limit}</translation>
    </message>
</context>
<context>
    <name>ProxyPasswordNote</name>
    <message>
        <source>Its password is in the system keyring.</source>
        <translation>密码已存入系统密钥环。</translation>
    </message>
    <message>
        <source>Its password is kept until the program ends.</source>
        <translation>密码仅保留到程序退出。</translation>
    </message>
</context>
<context>
    <name>ProxyScriptNote</name>
    <message>
        <source>The system leaves it to a script (PAC), which is not run here: no proxy is used. If you need one, choose “Custom” and enter it below.</source>
        <translation>系统用脚本（PAC）决定代理，本程序不运行这种脚本，因此不使用代理。如果需要代理，请选“自定义”并在下方填写。</translation>
    </message>
</context>
<context>
    <name>QuestionPictures</name>
    <message>
        <source>Address of a picture; the service fetches it itself</source>
        <translation>填入图片网址，由服务自行获取</translation>
    </message>
    <message>
        <source>All files</source>
        <translation>所有文件</translation>
    </message>
    <message>
        <source>At most {n} pictures go with one question; the others were left out.</source>
        <translation>一次提问最多附 {n} 张图片，其余的没有加入。</translation>
    </message>
    <message>
        <source>Choose pictures</source>
        <translation>选择图片</translation>
    </message>
    <message>
        <source>Fetched by the service itself</source>
        <translation>由服务自行获取</translation>
    </message>
    <message>
        <source>Pasted picture</source>
        <translation>粘贴的图片</translation>
    </message>
    <message>
        <source>Picture address</source>
        <translation>图片网址</translation>
    </message>
    <message>
        <source>Pictures</source>
        <translation>图片</translation>
    </message>
    <message>
        <source>Reading…</source>
        <translation>正在读取…</translation>
    </message>
    <message numerus="yes">
        <source>Send in %n piece(s)</source>
        <translation>
            <numerusform>切成 %n 张发送</numerusform>
        </translation>
    </message>
    <message>
        <source>There is no picture in what was dropped.</source>
        <translation>拖入的内容里没有图片。</translation>
    </message>
    <message>
        <source>There is no picture on the clipboard.</source>
        <translation>剪贴板里没有图片。</translation>
    </message>
    <message>
        <source>This is not a picture address. One begins with https:// and has no spaces.</source>
        <translation>这不是图片网址。网址以 https:// 开头，中间没有空格。</translation>
    </message>
    <message>
        <source>Will be sent: {size} {kind}, {bytes}, no metadata</source>
        <translation>将发送：{size} {kind}，{bytes}，不含元数据</translation>
    </message>
    <message>
        <source>enlarged</source>
        <translation>已放大</translation>
    </message>
    <message>
        <source>on white</source>
        <translation>透明处填为白色</translation>
    </message>
    <message>
        <source>one frame of the animation</source>
        <translation>动图中的一帧</translation>
    </message>
    <message>
        <source>the file is damaged, this is what can be seen</source>
        <translation>文件已损坏，这是能看到的部分</translation>
    </message>
    <message>
        <source>the first of the pictures in the file</source>
        <translation>文件中的第一张图片</translation>
    </message>
    <message>
        <source>with white around it</source>
        <translation>四周补了白边</translation>
    </message>
</context>
<context>
    <name>QueuePanel</name>
    <message>
        <source>Answers go first and wait for no picture. The queue is kept when you quit.</source>
        <translation>对话优先，且不必等图片。退出后队列会保留。</translation>
    </message>
    <message>
        <source>Not finished</source>
        <translation>未完成</translation>
    </message>
    <message>
        <source>Nothing waits. What you generate shows up here.</source>
        <translation>没有排队的任务。点“生成”后会显示在这里。</translation>
    </message>
    <message>
        <source>Queue</source>
        <translation>队列</translation>
    </message>
    <message>
        <source>Running</source>
        <translation>进行中</translation>
    </message>
    <message>
        <source>Waiting</source>
        <translation>等待中</translation>
    </message>
</context>
<context>
    <name>QueuePopover</name>
    <message numerus="yes">
        <source>%n request(s) at a time, answers first</source>
        <translation>
            <numerusform>最多同时 %n 个请求，对话优先</numerusform>
        </translation>
    </message>
    <message>
        <source>Answers do not wait for pictures that the service works on.</source>
        <translation>图片生成期间，对话不用等。</translation>
    </message>
    <message>
        <source>Cancel all</source>
        <translation>全部取消</translation>
    </message>
    <message>
        <source>Change</source>
        <translation>更改</translation>
    </message>
    <message>
        <source>In the making</source>
        <translation>生成中</translation>
    </message>
    <message>
        <source>Nothing is in flight.</source>
        <translation>没有进行中的请求。</translation>
    </message>
    <message>
        <source>One request at a time, answers first</source>
        <translation>一次只提交一个请求，对话优先</translation>
    </message>
    <message>
        <source>Pause</source>
        <translation>暂停</translation>
    </message>
    <message>
        <source>Paused. Requests under way go on.</source>
        <translation>已暂停，进行中的请求不受影响。</translation>
    </message>
    <message>
        <source>Queue</source>
        <translation>队列</translation>
    </message>
    <message>
        <source>Requests under way go on; waiting ones start when you resume.</source>
        <translation>进行中的请求不受影响，排队的请求在你继续之前不会开始。</translation>
    </message>
    <message>
        <source>Resume</source>
        <translation>继续</translation>
    </message>
    <message>
        <source>Running</source>
        <translation>进行中</translation>
    </message>
    <message>
        <source>Waiting</source>
        <translation>等待中</translation>
    </message>
</context>
<context>
    <name>RatioChips</name>
    <message>
        <source>{ratio}, {width} by {height} pixels</source>
        <translation>{ratio}，{width} × {height} 像素</translation>
    </message>
</context>
<context>
    <name>Refusals</name>
    <message>
        <source>Close</source>
        <translation>关闭</translation>
    </message>
</context>
<context>
    <name>SeedField</name>
    <message>
        <source>Draw a new seed</source>
        <translation>换一个随机种子</translation>
    </message>
    <message>
        <source>Keep this seed for the next picture</source>
        <translation>锁定这个种子</translation>
    </message>
    <message>
        <source>Seed</source>
        <translation>种子</translation>
    </message>
    <message>
        <source>drawn when you generate</source>
        <translation>生成时随机</translation>
    </message>
</context>
<context>
    <name>SettingRow</name>
    <message>
        <source>Choose…</source>
        <translation>选择…</translation>
    </message>
</context>
<context>
    <name>SettingsSheet</name>
    <message>
        <source>Close</source>
        <translation>关闭</translation>
    </message>
    <message>
        <source>Esc</source>
        <translation>Esc</translation>
    </message>
    <message>
        <source>Search settings</source>
        <translation>搜索设置</translation>
    </message>
    <message>
        <source>Settings</source>
        <translation>设置</translation>
    </message>
</context>
<context>
    <name>ShortcutsSheet</name>
    <message>
        <source>Close</source>
        <translation>关闭</translation>
    </message>
    <message>
        <source>Shortcuts</source>
        <translation>快捷键</translation>
    </message>
</context>
<context>
    <name>SizeField</name>
    <message>
        <source>Height</source>
        <translation>高</translation>
    </message>
    <message>
        <source>Height in pixels</source>
        <translation>高度（像素）</translation>
    </message>
    <message>
        <source>Swap width and height</source>
        <translation>交换宽高</translation>
    </message>
    <message>
        <source>Width</source>
        <translation>宽</translation>
    </message>
    <message>
        <source>Width in pixels</source>
        <translation>宽度（像素）</translation>
    </message>
</context>
<context>
    <name>StateCard</name>
    <message>
        <source>Copy what the service said</source>
        <translation>复制服务的原话</translation>
    </message>
    <message>
        <source>Request {id}</source>
        <translation>请求 {id}</translation>
    </message>
</context>
<context>
    <name>TokenField</name>
    <message>
        <source>Access token</source>
        <translation>访问令牌</translation>
    </message>
    <message>
        <source>Hide the token</source>
        <translation>隐藏令牌</translation>
    </message>
    <message>
        <source>Paste it here, for example ms-…</source>
        <translation>粘贴到这里，例如 ms-…</translation>
    </message>
    <message>
        <source>Show the token</source>
        <translation>显示令牌</translation>
    </message>
</context>
<context>
    <name>TokenForm</name>
    <message>
        <source>Access token</source>
        <translation>访问令牌</translation>
    </message>
    <message>
        <source>Check</source>
        <translation>检查</translation>
    </message>
    <message>
        <source>Check again</source>
        <translation>重新检查</translation>
    </message>
    <message>
        <source>Each has its own accounts and tokens</source>
        <translation>两个站点的账号和令牌互不通用</translation>
    </message>
    <message>
        <source>International</source>
        <translation>国际站</translation>
    </message>
    <message>
        <source>Mainland China, 魔搭社区</source>
        <translation>中国大陆，魔搭社区</translation>
    </message>
    <message>
        <source>Open my token page</source>
        <translation>打开令牌页面</translation>
    </message>
    <message>
        <source>Paste your access token into the field first.</source>
        <translation>请先把访问令牌粘贴到输入框。</translation>
    </message>
    <message>
        <source>Site</source>
        <translation>站点</translation>
    </message>
    <message>
        <source>This is not a token: it is too long, or holds characters no token has.</source>
        <translation>这不是令牌：太长，或含有令牌中不会出现的字符。</translation>
    </message>
</context>
<context>
    <name>TopBar</name>
    <message numerus="yes">
        <source>%n running</source>
        <translation>
            <numerusform>%n 个进行中</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n waiting</source>
        <translation>
            <numerusform>%n 个排队</numerusform>
        </translation>
    </message>
    <message>
        <source>Paused</source>
        <translation>已暂停</translation>
    </message>
    <message>
        <source>Search or run a command</source>
        <translation>搜索或执行命令</translation>
    </message>
    <message>
        <source>Settings</source>
        <translation>设置</translation>
    </message>
    <message>
        <source>Site and token</source>
        <translation>站点与令牌</translation>
    </message>
    <message>
        <source>What is in flight and what waits</source>
        <translation>进行中和排队的请求</translation>
    </message>
</context>
<context>
    <name>TransferCard</name>
    <message>
        <source>A folder with the history and all pictures, for another disk.</source>
        <translation>把历史记录和全部图片复制成一个文件夹，可存到另一块磁盘。</translation>
    </message>
    <message>
        <source>Conversations and pictures as one ZIP; another computer can import it.</source>
        <translation>对话和图片打包成一个 ZIP，换电脑时可以原样导入。</translation>
    </message>
    <message>
        <source>Copy…</source>
        <translation>复制…</translation>
    </message>
    <message>
        <source>Export all…</source>
        <translation>导出全部…</translation>
    </message>
    <message>
        <source>Export everything</source>
        <translation>导出全部</translation>
    </message>
    <message>
        <source>From exports of Moda Studio, ChatGPT and others.</source>
        <translation>来自 Moda Studio、ChatGPT 等导出的文件。</translation>
    </message>
    <message>
        <source>Full copy</source>
        <translation>完整副本</translation>
    </message>
    <message>
        <source>Import a folder…</source>
        <translation>导入文件夹…</translation>
    </message>
    <message>
        <source>Import conversations</source>
        <translation>导入对话</translation>
    </message>
    <message>
        <source>Import…</source>
        <translation>导入…</translation>
    </message>
</context>
<context>
    <name>TrashSheet</name>
    <message>
        <source>Cancel</source>
        <translation>取消</translation>
    </message>
    <message>
        <source>Close (Esc)</source>
        <translation>关闭（Esc）</translation>
    </message>
    <message>
        <source>Delete</source>
        <translation>删除</translation>
    </message>
    <message numerus="yes">
        <source>Delete %n conversation(s) for good?</source>
        <translation>
            <numerusform>彻底删除 %n 个对话？</numerusform>
        </translation>
    </message>
    <message>
        <source>Delete everything in the trash for good?</source>
        <translation>彻底删除回收站中的所有内容？</translation>
    </message>
    <message>
        <source>Delete for good…</source>
        <translation>彻底删除…</translation>
    </message>
    <message>
        <source>Deleted conversations stay here for 30 days and are then gone for good.</source>
        <translation>删除的对话在这里保留 30 天，之后会彻底清除。</translation>
    </message>
    <message>
        <source>Empty the trash</source>
        <translation>清空回收站</translation>
    </message>
    <message>
        <source>Empty the trash…</source>
        <translation>清空回收站…</translation>
    </message>
    <message>
        <source>Only a backup could bring it back.</source>
        <translation>删除后只能从备份中找回。</translation>
    </message>
    <message>
        <source>Restore</source>
        <translation>恢复</translation>
    </message>
    <message>
        <source>The trash is empty.</source>
        <translation>回收站是空的。</translation>
    </message>
    <message>
        <source>Trash</source>
        <translation>回收站</translation>
    </message>
</context>
<context>
    <name>TurnRow</name>
    <message>
        <source>Cancel: {name}</source>
        <translation>取消：{name}</translation>
    </message>
    <message>
        <source>Chat</source>
        <translation>对话</translation>
    </message>
    <message>
        <source>Drag it, or press Alt+Up and Alt+Down, to change the order.</source>
        <translation>拖动，或按 Alt+↑ 和 Alt+↓，可调整顺序。</translation>
    </message>
    <message>
        <source>Picture</source>
        <translation>图片</translation>
    </message>
    <message>
        <source>Title</source>
        <translation>标题</translation>
    </message>
    <message>
        <source>goes next</source>
        <translation>下一个</translation>
    </message>
    <message>
        <source>retry in {time}</source>
        <translation>重试倒计时 {time}</translation>
    </message>
    <message>
        <source>try {n} of {most}</source>
        <translation>第 {n} 次尝试，共 {most} 次</translation>
    </message>
    <message>
        <source>when the picture is done</source>
        <translation>等上一张完成</translation>
    </message>
    <message>
        <source>{place} in line</source>
        <translation>排在第 {place} 位</translation>
    </message>
</context>
<context>
    <name>UsageCard</name>
    <message numerus="yes">
        <source>%n day(s)</source>
        <translation>
            <numerusform>%n 天</numerusform>
        </translation>
    </message>
    <message>
        <source>All</source>
        <translation>全部</translation>
    </message>
    <message>
        <source>Calls</source>
        <translation>调用</translation>
    </message>
    <message>
        <source>Calls to {host}. Tokens are those that the service counted.</source>
        <translation>对 {host} 的调用。词元数以服务的统计为准。</translation>
    </message>
    <message>
        <source>Model</source>
        <translation>模型</translation>
    </message>
    <message>
        <source>Nothing was asked of {host} in this time.</source>
        <translation>这段时间没有调用过 {host}。</translation>
    </message>
    <message>
        <source>Period</source>
        <translation>时间范围</translation>
    </message>
    <message>
        <source>Pictures</source>
        <translation>图片</translation>
    </message>
    <message>
        <source>Refused</source>
        <translation>被拒绝</translation>
    </message>
    <message>
        <source>Today</source>
        <translation>今天</translation>
    </message>
    <message>
        <source>Tokens in</source>
        <translation>输入词元</translation>
    </message>
    <message>
        <source>Tokens out</source>
        <translation>输出词元</translation>
    </message>
    <message>
        <source>Usage, as counted here</source>
        <translation>用量（本机统计）</translation>
    </message>
    <message numerus="yes">
        <source>and %n more model(s)</source>
        <translation>
            <numerusform>以及另外 %n 个模型</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>WaitNote</name>
    <message>
        <source>Next try in {time}</source>
        <translation>重试倒计时 {time}</translation>
    </message>
    <message>
        <source>Nothing has come for {time}</source>
        <translation>已有 {time} 没有收到新内容</translation>
    </message>
    <message>
        <source>Waiting for its turn</source>
        <translation>正在排队</translation>
    </message>
    <message>
        <source>Waiting for the model, {time}</source>
        <translation>等待模型回答，{time}</translation>
    </message>
</context>
<context>
    <name>WelcomeSheet</name>
    <message>
        <source>No token; answers are marked Demo</source>
        <translation>无需令牌，回答会标明“演示”</translation>
    </message>
    <message>
        <source>One token opens ModelScope&apos;s models to you.</source>
        <translation>一个令牌，畅用魔搭社区的模型。</translation>
    </message>
    <message>
        <source>Start</source>
        <translation>开始使用</translation>
    </message>
    <message>
        <source>Try it offline</source>
        <translation>离线试用</translation>
    </message>
    <message>
        <source>Unofficial: Moda Studio is not made or endorsed by ModelScope or Alibaba Cloud.</source>
        <translation>非官方软件：Moda Studio 并非由魔搭社区或阿里云制作，也未获其认可。</translation>
    </message>
    <message>
        <source>Welcome to Moda Studio</source>
        <translation>欢迎使用 Moda Studio</translation>
    </message>
</context>
<context>
    <name>WordsLine</name>
    <message>
        <source>Empty the field</source>
        <translation>清空</translation>
    </message>
    <message>
        <source>Only words go here, so the path of the file was not put in.</source>
        <translation>这里只能填文字，文件路径没有填入。</translation>
    </message>
</context>
<context>
    <name>_Rows</name>
    <message>
        <source>Host</source>
        <translation>主机</translation>
    </message>
    <message>
        <source>Model</source>
        <translation>模型</translation>
    </message>
    <message>
        <source>Received</source>
        <translation>收到</translation>
    </message>
    <message>
        <source>Status</source>
        <translation>状态</translation>
    </message>
    <message>
        <source>Time</source>
        <translation>时间</translation>
    </message>
    <message>
        <source>Took</source>
        <translation>用时</translation>
    </message>
    <message>
        <source>no answer</source>
        <translation>无应答</translation>
    </message>
</context>
<context>
    <name>actions</name>
    <message>
        <source>Back up now</source>
        <translation>立即备份</translation>
    </message>
    <message>
        <source>Bring back what was deleted</source>
        <translation>恢复刚才删除的内容</translation>
    </message>
    <message>
        <source>Choose a model</source>
        <translation>选择模型</translation>
    </message>
    <message>
        <source>Choose pictures</source>
        <translation>选择图片</translation>
    </message>
    <message>
        <source>Export all conversations</source>
        <translation>导出全部对话</translation>
    </message>
    <message>
        <source>Export the conversation</source>
        <translation>导出对话</translation>
    </message>
    <message>
        <source>Find in the conversation</source>
        <translation>在对话中查找</translation>
    </message>
    <message>
        <source>Go to Chat</source>
        <translation>转到对话</translation>
    </message>
    <message>
        <source>Go to Images</source>
        <translation>转到绘图</translation>
    </message>
    <message>
        <source>Go to Vision</source>
        <translation>转到看图</translation>
    </message>
    <message>
        <source>Go to the message field</source>
        <translation>转到输入框</translation>
    </message>
    <message>
        <source>Import a folder of exports</source>
        <translation>导入文件夹中的导出文件</translation>
    </message>
    <message>
        <source>Import conversations</source>
        <translation>导入对话</translation>
    </message>
    <message>
        <source>Larger text</source>
        <translation>放大文字</translation>
    </message>
    <message>
        <source>List of shortcuts</source>
        <translation>快捷键列表</translation>
    </message>
    <message>
        <source>New conversation</source>
        <translation>新对话</translation>
    </message>
    <message>
        <source>Normal text size</source>
        <translation>恢复文字大小</translation>
    </message>
    <message>
        <source>Quit</source>
        <translation>退出</translation>
    </message>
    <message>
        <source>Search all conversations</source>
        <translation>搜索所有对话</translation>
    </message>
    <message>
        <source>Search or run a command</source>
        <translation>搜索或执行命令</translation>
    </message>
    <message>
        <source>Settings</source>
        <translation>设置</translation>
    </message>
    <message>
        <source>Show or hide the history</source>
        <translation>显示或隐藏历史记录</translation>
    </message>
    <message>
        <source>Show or hide the right panel</source>
        <translation>显示或隐藏右侧面板</translation>
    </message>
    <message>
        <source>Site and token</source>
        <translation>站点与令牌</translation>
    </message>
    <message>
        <source>Smaller text</source>
        <translation>缩小文字</translation>
    </message>
    <message>
        <source>Stop</source>
        <translation>停止</translation>
    </message>
    <message>
        <source>Switch between English and Chinese</source>
        <translation>切换中英文</translation>
    </message>
    <message>
        <source>Switch between light and dark</source>
        <translation>切换浅色与深色</translation>
    </message>
</context>
<context>
    <name>checks</name>
    <message>
        <source>A login page or a proxy stands in between. Log in to the network first.</source>
        <translation>中间有登录页或代理，请先登录网络。</translation>
    </message>
    <message>
        <source>Account bound and verified, credits left</source>
        <translation>账号绑定、实名认证与魔粒余额</translation>
    </message>
    <message>
        <source>Alibaba Cloud account bound</source>
        <translation>绑定阿里云账号</translation>
    </message>
    <message>
        <source>All are used up. New ones come with the daily login.</source>
        <translation>魔粒已全部用完。每天登录会发放新的魔粒。</translation>
    </message>
    <message>
        <source>Another server answered, perhaps a login page. Nothing was sent.</source>
        <translation>应答的是另一台服务器，也可能是登录页。没有发送任何内容。</translation>
    </message>
    <message>
        <source>Anyone on the way could read the token. Nothing was sent.</source>
        <translation>途中任何人都能看到令牌。没有发送任何内容。</translation>
    </message>
    <message>
        <source>Check the proxy&apos;s address, name and password.</source>
        <translation>请检查代理的地址、用户名和密码。</translation>
    </message>
    <message>
        <source>Credits left</source>
        <translation>魔粒余额</translation>
    </message>
    <message>
        <source>It was mistyped or revoked, or belongs to the other site. Copy it again.</source>
        <translation>令牌输错、已被撤销，或属于另一个站点，请重新复制。</translation>
    </message>
    <message>
        <source>Models answer only accounts bound to Alibaba Cloud. It takes about a minute.</source>
        <translation>绑定阿里云账号后，模型才会回答。绑定大约只需一分钟。</translation>
    </message>
    <message>
        <source>Nothing answers at this address. Is the server running?</source>
        <translation>这个地址没有响应。服务器启动了吗？</translation>
    </message>
    <message>
        <source>Real name verified</source>
        <translation>实名认证</translation>
    </message>
    <message>
        <source>Real name verified, credits left</source>
        <translation>实名认证与魔粒余额</translation>
    </message>
    <message>
        <source>The address of the host or of the proxy is not valid.</source>
        <translation>服务器或代理的地址无效。</translation>
    </message>
    <message>
        <source>The certificate is not trusted. Your network may need its own certificate.</source>
        <translation>证书不受信任。你的网络可能需要专用证书。</translation>
    </message>
    <message>
        <source>The extra certificate file is missing or not in PEM form.</source>
        <translation>附加证书文件不存在，或不是 PEM 格式。</translation>
    </message>
    <message>
        <source>The host does not answer. Is this computer online?</source>
        <translation>服务器没有响应。电脑联网了吗？</translation>
    </message>
    <message>
        <source>The network is slow or a firewall keeps silent.</source>
        <translation>网络太慢，或被防火墙拦截。</translation>
    </message>
    <message>
        <source>The server does not encrypt. Nothing was sent.</source>
        <translation>服务器没有加密。没有发送任何内容。</translation>
    </message>
    <message>
        <source>The service asks for real-name verification first.</source>
        <translation>服务要求先完成实名认证。</translation>
    </message>
    <message>
        <source>The service asks to slow down. Wait a moment, then check.</source>
        <translation>请求过于频繁，已被限流，请稍等片刻再检查。</translation>
    </message>
    <message>
        <source>This computer is offline, or the name is misspelt.</source>
        <translation>电脑没有联网，或域名写错了。</translation>
    </message>
    <message>
        <source>Token accepted</source>
        <translation>验证令牌</translation>
    </message>
    <message>
        <source>Token, account and credits</source>
        <translation>令牌、账号与魔粒</translation>
    </message>
    <message>
        <source>We were sent to another address and did not go. Check the network.</source>
        <translation>服务器要求跳转到另一个地址，没有跟随。请检查网络。</translation>
    </message>
    <message>
        <source>a web page answered</source>
        <translation>返回的是网页</translation>
    </message>
    <message>
        <source>another server&apos;s certificate</source>
        <translation>证书属于其他服务器</translation>
    </message>
    <message>
        <source>certificate file</source>
        <translation>证书文件有误</translation>
    </message>
    <message>
        <source>connection refused</source>
        <translation>连接被拒绝</translation>
    </message>
    <message>
        <source>name not known</source>
        <translation>找不到域名</translation>
    </message>
    <message>
        <source>no TLS</source>
        <translation>不支持 TLS</translation>
    </message>
    <message>
        <source>no answer in time</source>
        <translation>响应超时</translation>
    </message>
    <message>
        <source>no connection</source>
        <translation>无法连接</translation>
    </message>
    <message>
        <source>none left</source>
        <translation>已用完</translation>
    </message>
    <message>
        <source>not a safe connection</source>
        <translation>连接不安全</translation>
    </message>
    <message>
        <source>not an address</source>
        <translation>地址无效</translation>
    </message>
    <message>
        <source>not encrypted</source>
        <translation>未加密</translation>
    </message>
    <message>
        <source>not known until the first question</source>
        <translation>首次提问后才知道</translation>
    </message>
    <message>
        <source>not yet</source>
        <translation>尚未完成</translation>
    </message>
    <message>
        <source>sent elsewhere</source>
        <translation>要求跳转</translation>
    </message>
    <message>
        <source>stopped by the proxy</source>
        <translation>被代理拦截</translation>
    </message>
    <message>
        <source>the service does not say</source>
        <translation>服务未告知</translation>
    </message>
    <message>
        <source>throttled</source>
        <translation>被限流</translation>
    </message>
    <message>
        <source>waits for the step above</source>
        <translation>等待上一步</translation>
    </message>
    <message>
        <source>wrong token</source>
        <translation>令牌有误</translation>
    </message>
    <message>
        <source>{credits} left</source>
        <translation>剩余 {credits} 魔粒</translation>
    </message>
    <message>
        <source>{host} reached</source>
        <translation>连接 {host}</translation>
    </message>
    <message>
        <source>{ms} ms, no proxy</source>
        <translation>{ms} 毫秒，未用代理</translation>
    </message>
    <message>
        <source>{ms} ms, own proxy</source>
        <translation>{ms} 毫秒，自定义代理</translation>
    </message>
    <message>
        <source>{ms} ms, system proxy</source>
        <translation>{ms} 毫秒，系统代理</translation>
    </message>
</context>
<context>
    <name>credits</name>
    <message>
        <source>Calls left today: {n}</source>
        <translation>今天还可调用：{n} 次</translation>
    </message>
    <message>
        <source>Credits unknown</source>
        <translation>魔粒未知</translation>
    </message>
    <message>
        <source>Demo</source>
        <translation>演示</translation>
    </message>
    <message>
        <source>No token yet</source>
        <translation>还没有令牌</translation>
    </message>
    <message>
        <source>The service has not said how many credits are left.</source>
        <translation>服务没有告知还剩多少魔粒。</translation>
    </message>
    <message>
        <source>{n} held for running work</source>
        <translation>其中 {n} 已预留给进行中的任务</translation>
    </message>
    <message>
        <source>{n} of {limit} calls left today</source>
        <translation>今天还可调用 {n} 次，共 {limit} 次</translation>
    </message>
</context>
<context>
    <name>errors</name>
    <message>
        <source>A login page or a proxy may stand in between. Check the network and the address.</source>
        <translation>中间可能有登录页或代理，请检查网络和地址。</translation>
    </message>
    <message>
        <source>A server on this computer may want http:// instead of https://.</source>
        <translation>如果是本机上的服务器，可能要用 http:// 而不是 https:// 开头。</translation>
    </message>
    <message>
        <source>A token is one word of Latin letters, digits and symbols. Copy it again.</source>
        <translation>令牌是一串连续的英文字母、数字和符号，请重新复制。</translation>
    </message>
    <message>
        <source>An address looks like https://host/v1, without spaces.</source>
        <translation>地址形如 https://host/v1，中间没有空格。</translation>
    </message>
    <message>
        <source>Another server answered, perhaps a login page. Nothing was sent.</source>
        <translation>应答的是另一台服务器，也可能是登录页。没有发送任何内容。</translation>
    </message>
    <message>
        <source>Change the words or the size, or retry.</source>
        <translation>换个描述或尺寸，或者重试。</translation>
    </message>
    <message>
        <source>Check its address, name and password in the network settings.</source>
        <translation>请在网络设置中检查代理的地址、用户名和密码。</translation>
    </message>
    <message>
        <source>Check the free space and the permissions of the data folder. Your text is kept here meanwhile.</source>
        <translation>请检查剩余空间和数据文件夹的权限。你的文字暂时保留在这里。</translation>
    </message>
    <message>
        <source>Check the free space and the permissions of the picture folder. What was made is kept: retry.</source>
        <translation>请检查图片文件夹的剩余空间和权限。已生成的图片仍然保留，请重试。</translation>
    </message>
    <message>
        <source>Check the network and the address. Your message is kept.</source>
        <translation>请检查网络和地址。消息已保留。</translation>
    </message>
    <message>
        <source>Check the network and the address. Your order is kept.</source>
        <translation>请检查网络和地址。你的任务已保留。</translation>
    </message>
    <message>
        <source>Choose a PNG, JPEG, WebP, GIF, BMP or AVIF file.</source>
        <translation>请选择 PNG、JPEG、WebP、GIF、BMP 或 AVIF 文件。</translation>
    </message>
    <message>
        <source>Choose a model, then ask again. Your message is kept.</source>
        <translation>请先选择模型，再重新提问。你的消息已保留。</translation>
    </message>
    <message>
        <source>Choose a model, then generate again. Your order is kept.</source>
        <translation>选好模型后重新生成。你的任务已保留。</translation>
    </message>
    <message>
        <source>Credits or quota are used up</source>
        <translation>魔粒或额度已用完</translation>
    </message>
    <message>
        <source>It could not be saved</source>
        <translation>没能保存</translation>
    </message>
    <message>
        <source>It is missing or not in PEM form. Nothing was sent.</source>
        <translation>文件不存在，或不是 PEM 格式。没有发送任何内容。</translation>
    </message>
    <message>
        <source>It is not known whether the order arrived</source>
        <translation>不确定任务是否已提交</translation>
    </message>
    <message>
        <source>It reached its length limit before it answered. Raise the limit in the parameters or switch thinking off, and retry.</source>
        <translation>还没开始回答就到了词元上限。请在参数里调高上限或关闭思考，然后重试。</translation>
    </message>
    <message>
        <source>It was not followed, so that nothing you wrote goes to strangers.</source>
        <translation>没有跟随跳转，以免你的内容落入他人之手。</translation>
    </message>
    <message>
        <source>It was not saved. Prompt and seed are kept: retry.</source>
        <translation>没有保存。提示词和种子已保留，请重试。</translation>
    </message>
    <message>
        <source>It was ordered, and the service says it has no such task. Look again in a while.</source>
        <translation>任务已提交，但服务称没有这项任务。过一会儿再查看。</translation>
    </message>
    <message>
        <source>It was retired, misspelt, or is off now. Nothing is lost: choose another model.</source>
        <translation>模型已下线、暂停服务或名称有误。内容都在，换一个模型即可继续。</translation>
    </message>
    <message>
        <source>It was revoked or mistyped. Your message is kept.</source>
        <translation>令牌已被撤销或输错了。消息已保留。</translation>
    </message>
    <message>
        <source>It was revoked or mistyped. Your order is kept.</source>
        <translation>它已被撤销或输入有误。你的任务已保留。</translation>
    </message>
    <message>
        <source>Its address did not answer. Prompt and seed are kept: retry.</source>
        <translation>下载地址没有响应。提示词和种子已保留，请重试。</translation>
    </message>
    <message>
        <source>Its certificate is not trusted. Something may be listening in. Nothing was sent.</source>
        <translation>证书不受信任，可能有人窃听。没有发送任何内容。</translation>
    </message>
    <message>
        <source>Its own account with the model&apos;s maker is empty; yours is not the reason. Go on with another model.</source>
        <translation>服务方在模型厂商那边的账号余额不足，与你的账号无关。换一个模型即可继续。</translation>
    </message>
    <message>
        <source>Its quota for today is used up. Go on with another model, or come back later.</source>
        <translation>今天的额度已用完。可以换一个模型继续，或改天再来。</translation>
    </message>
    <message>
        <source>Its thoughts are above, but no answer followed them. A retry may help.</source>
        <translation>上面是它的思考，但之后没有给出回答。重试也许有用。</translation>
    </message>
    <message>
        <source>Models answer only accounts bound to Alibaba Cloud. It takes about a minute, in the site&apos;s account settings.</source>
        <translation>绑定阿里云账号后，模型才会回答。可在站点的账号设置中绑定，大约只需一分钟。</translation>
    </message>
    <message>
        <source>Models answer only with a token. Enter yours; your message is kept.</source>
        <translation>有了令牌，模型才会回答。请填入令牌，消息已保留。</translation>
    </message>
    <message>
        <source>New credits come with the daily login. Your message is kept.</source>
        <translation>每天登录会发放新的魔粒。消息已保留。</translation>
    </message>
    <message>
        <source>New credits come with the daily login. Your order is kept.</source>
        <translation>每天登录会获得新的魔粒。你的任务已保留。</translation>
    </message>
    <message>
        <source>No Alibaba Cloud account is bound</source>
        <translation>尚未绑定阿里云账号</translation>
    </message>
    <message>
        <source>No access token yet</source>
        <translation>还没有访问令牌</translation>
    </message>
    <message>
        <source>No answer came in time. Your message is kept.</source>
        <translation>没能及时收到回答。消息已保留。</translation>
    </message>
    <message>
        <source>No answer came in time. Your order is kept.</source>
        <translation>没有及时收到答复。你的任务已保留。</translation>
    </message>
    <message>
        <source>No clear answer came. It is not sent again by itself: it might cost twice.</source>
        <translation>没有收到明确的答复。程序不会自动重发，以免重复扣费。</translation>
    </message>
    <message>
        <source>No model is chosen</source>
        <translation>尚未选择模型</translation>
    </message>
    <message>
        <source>Nothing answers at {host}</source>
        <translation>{host} 没有响应</translation>
    </message>
    <message>
        <source>Nothing was imported</source>
        <translation>没有导入任何内容</translation>
    </message>
    <message>
        <source>Over http:// anyone on the way could read your token and words. Use https://.</source>
        <translation>使用 http:// 时，途中任何人都能看到令牌和内容。请改用 https:// 地址。</translation>
    </message>
    <message>
        <source>Pictures are made only for accounts bound to Alibaba Cloud. It takes about a minute, in the site&apos;s account settings.</source>
        <translation>只有绑定了阿里云账号才能生成图片。在网站的账号设置里绑定，大约需要一分钟。</translation>
    </message>
    <message>
        <source>Pictures are made only with a token. Enter yours; your order is kept.</source>
        <translation>生成图片需要令牌。请输入你的令牌，任务已保留。</translation>
    </message>
    <message>
        <source>Reading it was stopped to protect this computer.</source>
        <translation>为保护这台电脑，已停止读取。</translation>
    </message>
    <message>
        <source>See what it said below, change the form and generate again.</source>
        <translation>请看下面的说明，修改表单后重新生成。</translation>
    </message>
    <message>
        <source>See what it said below, change the request and send again.</source>
        <translation>请看下方服务的说明，修改后再发送。</translation>
    </message>
    <message>
        <source>Send it smaller, or ask about a part of it.</source>
        <translation>请缩小后再发送，或只问其中一部分。</translation>
    </message>
    <message>
        <source>Send it without the oldest messages, which stay on the page, or go on with another model.</source>
        <translation>可以不带最早的消息再发一次（它们仍留在页面上），或换一个模型继续。</translation>
    </message>
    <message>
        <source>Technical details</source>
        <translation>技术详情</translation>
    </message>
    <message>
        <source>The account is not verified</source>
        <translation>账号尚未实名认证</translation>
    </message>
    <message>
        <source>The address is misspelt, or this computer is offline. Your message is kept.</source>
        <translation>地址写错了，或电脑没有联网。消息已保留。</translation>
    </message>
    <message>
        <source>The address is misspelt, or this computer is offline. Your order is kept.</source>
        <translation>地址有误，或这台电脑没有联网。你的任务已保留。</translation>
    </message>
    <message>
        <source>The answer could not be understood</source>
        <translation>无法识别服务器的回复</translation>
    </message>
    <message>
        <source>The answer ended early</source>
        <translation>回答提前中断</translation>
    </message>
    <message>
        <source>The answer is far too large</source>
        <translation>回答过大</translation>
    </message>
    <message>
        <source>The answer stopped coming</source>
        <translation>回答中途停止</translation>
    </message>
    <message>
        <source>The certificate does not belong to {host}</source>
        <translation>证书不属于 {host}</translation>
    </message>
    <message>
        <source>The connection broke before an answer came</source>
        <translation>连接在回答到来之前断开了</translation>
    </message>
    <message>
        <source>The connection ended before it was whole. A retry costs nothing.</source>
        <translation>图片还没传完连接就断了。重试不会再次扣费。</translation>
    </message>
    <message>
        <source>The connection ended before the answer was whole. What came is kept.</source>
        <translation>回答还没传完，连接就断开了。收到的内容已保留。</translation>
    </message>
    <message>
        <source>The connection to {host} is not safe</source>
        <translation>与 {host} 的连接不安全</translation>
    </message>
    <message>
        <source>The connection was refused. Is the server running? Your message is kept.</source>
        <translation>连接被拒绝。服务器启动了吗？消息已保留。</translation>
    </message>
    <message>
        <source>The connection was refused. Is the server running? Your order is kept.</source>
        <translation>连接被拒绝。服务器在运行吗？你的任务已保留。</translation>
    </message>
    <message>
        <source>The extra certificate file cannot be used</source>
        <translation>附加证书文件无法使用</translation>
    </message>
    <message>
        <source>The file could not be used. Your history is as it was.</source>
        <translation>文件无法使用，历史记录保持原样。</translation>
    </message>
    <message>
        <source>The finished picture could not be fetched</source>
        <translation>图片已画好，但没能取回</translation>
    </message>
    <message>
        <source>The log file cannot be written, so there is no trace of faults. Everything else goes on. Check the free space and the permissions of the data folder.</source>
        <translation>无法写入日志文件，故障将不会留下记录，其他功能不受影响。请检查剩余空间和数据文件夹的权限。</translation>
    </message>
    <message>
        <source>The model</source>
        <translation>该模型</translation>
    </message>
    <message>
        <source>The name {host} is not known</source>
        <translation>找不到域名 {host}</translation>
    </message>
    <message>
        <source>The picture came only in part</source>
        <translation>图片只收到一部分</translation>
    </message>
    <message>
        <source>The picture did not come in time</source>
        <translation>图片没有按时画好</translation>
    </message>
    <message>
        <source>The picture is far too large</source>
        <translation>图片过大</translation>
    </message>
    <message>
        <source>The picture is too large for {model}</source>
        <translation>图片超出了 {model} 的上限</translation>
    </message>
    <message>
        <source>The picture stopped coming</source>
        <translation>图片传输中断</translation>
    </message>
    <message>
        <source>The program ended while this was written</source>
        <translation>写到一半时程序退出了</translation>
    </message>
    <message>
        <source>The program made a mistake</source>
        <translation>程序自身出错了</translation>
    </message>
    <message>
        <source>The proxy does not let us through</source>
        <translation>代理没有放行</translation>
    </message>
    <message>
        <source>The server answered with a web page</source>
        <translation>服务器返回的是网页</translation>
    </message>
    <message>
        <source>The server sent something that this program does not know.</source>
        <translation>服务器发来的内容，本程序无法识别。</translation>
    </message>
    <message>
        <source>The service</source>
        <translation>服务</translation>
    </message>
    <message>
        <source>The service asks for real-name verification first, in the site&apos;s account settings.</source>
        <translation>服务要求先完成实名认证，可在站点的账号设置中办理。</translation>
    </message>
    <message>
        <source>The service asks to slow down</source>
        <translation>请求过于频繁，已被限流</translation>
    </message>
    <message>
        <source>The service cannot serve {model} now</source>
        <translation>服务目前无法提供 {model}</translation>
    </message>
    <message>
        <source>The service could not make the picture</source>
        <translation>服务没能画出这张图片</translation>
    </message>
    <message>
        <source>The service does not know the picture</source>
        <translation>服务找不到这张图片的任务</translation>
    </message>
    <message>
        <source>The service fell silent, so the wait was ended. A retry costs nothing.</source>
        <translation>服务没有再响应，等待已结束。重试不会再次扣费。</translation>
    </message>
    <message>
        <source>The service fell silent, so the wait was ended. What came is kept.</source>
        <translation>服务久无动静，已停止等待。收到的内容已保留。</translation>
    </message>
    <message>
        <source>The service is busy</source>
        <translation>服务繁忙</translation>
    </message>
    <message>
        <source>The service may have worked on it, so it was not sent again by itself. Your message is kept.</source>
        <translation>服务可能已经处理过这条消息，所以没有自动重发。你的消息已保留。</translation>
    </message>
    <message>
        <source>The service may still be working on it. Look again in a while.</source>
        <translation>服务可能还在画，请过一会儿再查看。</translation>
    </message>
    <message>
        <source>The service refused the request</source>
        <translation>服务拒绝了这次请求</translation>
    </message>
    <message>
        <source>The service returned an empty answer</source>
        <translation>服务返回了空回答</translation>
    </message>
    <message>
        <source>The service said</source>
        <translation>服务返回</translation>
    </message>
    <message>
        <source>The way to {host} is not encrypted</source>
        <translation>与 {host} 的连接没有加密</translation>
    </message>
    <message>
        <source>This happens now and then. A retry usually helps.</source>
        <translation>偶尔会这样，重试通常就能解决。</translation>
    </message>
    <message>
        <source>This is not a token</source>
        <translation>这不是令牌</translation>
    </message>
    <message>
        <source>This is not an address</source>
        <translation>地址无效</translation>
    </message>
    <message>
        <source>This is on their side. Retry in a moment.</source>
        <translation>问题出在服务那边，请稍后重试。</translation>
    </message>
    <message>
        <source>This is our fault and not the service&apos;s. Copy the details to report it.</source>
        <translation>这是本程序的问题，与服务无关。复制详情即可向我们反馈。</translation>
    </message>
    <message>
        <source>This is too long for {model}</source>
        <translation>内容太长，{model} 容纳不下</translation>
    </message>
    <message>
        <source>This picture cannot be read</source>
        <translation>无法读取这张图片</translation>
    </message>
    <message>
        <source>Too many requests at once. Your message is kept.</source>
        <translation>短时间内请求太多，请稍后重试。你的消息已保留。</translation>
    </message>
    <message>
        <source>Too many requests at once. Your order is kept.</source>
        <translation>短时间内请求太多，请稍后重试。你的任务已保留。</translation>
    </message>
    <message>
        <source>What came is not a picture</source>
        <translation>收到的不是图片</translation>
    </message>
    <message>
        <source>What had come until then is kept.</source>
        <translation>在那之前收到的内容已保留。</translation>
    </message>
    <message>
        <source>Your credits may be used up, or the service&apos;s own account with the model&apos;s maker. Look at your credits, or go on with another model.</source>
        <translation>可能是你的魔粒用完了，也可能是服务方在模型厂商那边的账号余额不足。请查看魔粒，或换一个模型继续。</translation>
    </message>
    <message>
        <source>{host} cannot be reached</source>
        <translation>无法连接 {host}</translation>
    </message>
    <message>
        <source>{host} does not accept the token</source>
        <translation>{host} 不接受这个令牌</translation>
    </message>
    <message>
        <source>{host} does not speak TLS</source>
        <translation>{host} 不支持 TLS</translation>
    </message>
    <message>
        <source>{host} sent us to another address</source>
        <translation>{host} 要求跳转到另一个地址</translation>
    </message>
    <message>
        <source>{host} took too long</source>
        <translation>{host} 响应超时</translation>
    </message>
    <message>
        <source>{model} is done for today</source>
        <translation>{model} 今天不能再用了</translation>
    </message>
    <message>
        <source>{model} is not served</source>
        <translation>{model} 目前不可用</translation>
    </message>
    <message>
        <source>{model} only thought</source>
        <translation>{model} 只思考，没有回答</translation>
    </message>
</context>
<context>
    <name>export</name>
    <message>
        <source>A page for the browser, with its pictures inside.</source>
        <translation>可用浏览器打开的网页，图片包含在内。</translation>
    </message>
    <message>
        <source>Everything, with all versions and pictures; can be imported again.</source>
        <translation>包含所有版本和图片的完整数据，可以再次导入。</translation>
    </message>
    <message>
        <source>Pages to read, print and hand on; the text can be copied.</source>
        <translation>适合阅读、打印和分享的页面，文字可以复制。</translation>
    </message>
    <message>
        <source>Plain text with marks, for notes and other programs.</source>
        <translation>带标记的纯文本，适合笔记和其他软件。</translation>
    </message>
</context>
<context>
    <name>files</name>
    <message>
        <source>Another name</source>
        <translation>换个名字</translation>
    </message>
    <message>
        <source>Replace</source>
        <translation>替换</translation>
    </message>
    <message>
        <source>Replace it, or choose another name?</source>
        <translation>要替换它，还是换个名字？</translation>
    </message>
    <message>
        <source>Save as</source>
        <translation>另存为</translation>
    </message>
    <message>
        <source>{name} could not be saved: {reason}</source>
        <translation>{name} 没能保存：{reason}</translation>
    </message>
    <message>
        <source>{name} is there already.</source>
        <translation>{name} 已存在。</translation>
    </message>
</context>
<context>
    <name>folders</name>
    <message>
        <source>This folder is on a network drive. If the connection breaks while something is saved, the history can be damaged. A local folder is safer.</source>
        <translation>这个文件夹位于网络驱动器上。如果保存时连接中断，历史记录可能损坏。本地文件夹更安全。</translation>
    </message>
    <message>
        <source>This folder is synchronised by another program, which can damage the history. A local folder is safer; backups can go to the cloud.</source>
        <translation>这个文件夹由其他程序同步，可能会损坏历史记录。本地文件夹更安全，备份可以放到云端。</translation>
    </message>
</context>
<context>
    <name>history</name>
    <message>
        <source>Being answered</source>
        <translation>正在回答</translation>
    </message>
    <message>
        <source>Chat</source>
        <translation>对话</translation>
    </message>
    <message>
        <source>Delete</source>
        <translation>删除</translation>
    </message>
    <message>
        <source>Delete the folder, keep its conversations</source>
        <translation>删除文件夹，保留其中的对话</translation>
    </message>
    <message>
        <source>Earlier</source>
        <translation>更早</translation>
    </message>
    <message>
        <source>Export…</source>
        <translation>导出…</translation>
    </message>
    <message>
        <source>Last 7 days</source>
        <translation>最近 7 天</translation>
    </message>
    <message>
        <source>More: {name}</source>
        <translation>更多：{name}</translation>
    </message>
    <message>
        <source>Move to folder</source>
        <translation>移动到文件夹</translation>
    </message>
    <message>
        <source>New answer</source>
        <translation>有新回答</translation>
    </message>
    <message>
        <source>New folder…</source>
        <translation>新建文件夹…</translation>
    </message>
    <message>
        <source>No folder</source>
        <translation>不放入文件夹</translation>
    </message>
    <message>
        <source>Pin</source>
        <translation>置顶</translation>
    </message>
    <message>
        <source>Pinned</source>
        <translation>置顶</translation>
    </message>
    <message>
        <source>Rename…</source>
        <translation>重命名…</translation>
    </message>
    <message>
        <source>The answer is not whole</source>
        <translation>回答不完整</translation>
    </message>
    <message>
        <source>Today</source>
        <translation>今天</translation>
    </message>
    <message>
        <source>Unpin</source>
        <translation>取消置顶</translation>
    </message>
    <message>
        <source>Untitled</source>
        <translation>未命名</translation>
    </message>
    <message>
        <source>Vision</source>
        <translation>看图</translation>
    </message>
    <message>
        <source>Waiting for its turn</source>
        <translation>正在排队</translation>
    </message>
    <message>
        <source>Yesterday</source>
        <translation>昨天</translation>
    </message>
</context>
<context>
    <name>hosts</name>
    <message>
        <source>This host makes no pictures. Choose another one in the settings.</source>
        <translation>此服务不能生成图片，请在设置中选择其他服务。</translation>
    </message>
</context>
<context>
    <name>image form</name>
    <message>
        <source>Choose a model first.</source>
        <translation>请先选择模型。</translation>
    </message>
    <message>
        <source>Describe the picture first.</source>
        <translation>请先描述画面。</translation>
    </message>
    <message>
        <source>The service refused this: {said}</source>
        <translation>服务拒绝了这个值：{said}</translation>
    </message>
    <message>
        <source>{length} characters are too many: this model takes fewer than {limit}.</source>
        <translation>已有 {length} 个字符，该模型要求少于 {limit} 个。</translation>
    </message>
    <message>
        <source>{value} is not a multiple of {step}: this model takes {below} or {above}.</source>
        <translation>{value} 不是 {step} 的倍数：这个模型可用 {below} 或 {above}。</translation>
    </message>
    <message>
        <source>{value} is outside {low} to {high}.</source>
        <translation>{value} 超出范围，应在 {low} 到 {high} 之间。</translation>
    </message>
    <message>
        <source>“{value}” is not a number. Enter one from {low} to {high}.</source>
        <translation>“{value}”不是数字，请输入 {low} 到 {high} 之间的数。</translation>
    </message>
    <message>
        <source>“{value}” is not a whole number. Enter one from {low} to {high}.</source>
        <translation>“{value}”不是整数，请输入 {low} 到 {high} 之间的整数。</translation>
    </message>
</context>
<context>
    <name>ledger</name>
    <message>
        <source>It said so earlier, so it was not asked again. Its quota returns at {time}; another model can go on now.</source>
        <translation>服务此前已说明，因此没有再次请求。额度将在 {time} 恢复，现在可以换一个模型继续。</translation>
    </message>
    <message>
        <source>Its quota came back at {time}, so it can be asked again.</source>
        <translation>额度已在 {time} 恢复，可以再次请求。</translation>
    </message>
</context>
<context>
    <name>lessons</name>
    <message>
        <source>Answers only as a stream</source>
        <translation>只支持流式回答</translation>
    </message>
    <message>
        <source>Does not count tokens in streams</source>
        <translation>流式回答不提供用量统计</translation>
    </message>
    <message>
        <source>Takes no limit of tokens</source>
        <translation>不支持词元上限参数</translation>
    </message>
    <message>
        <source>Takes no stop words</source>
        <translation>不支持停止词</translation>
    </message>
    <message>
        <source>Takes no switch for thinking</source>
        <translation>不支持思考开关</translation>
    </message>
    <message>
        <source>Takes no temperature</source>
        <translation>不支持温度参数</translation>
    </message>
    <message>
        <source>Takes no top p</source>
        <translation>不支持 top p 参数</translation>
    </message>
    <message>
        <source>Wants its earlier thoughts sent along</source>
        <translation>需要一并发回之前的思考内容</translation>
    </message>
</context>
<context>
    <name>links</name>
    <message>
        <source>Open</source>
        <translation>打开</translation>
    </message>
    <message>
        <source>Open a link</source>
        <translation>打开链接</translation>
    </message>
    <message>
        <source>Open {host} in the browser?</source>
        <translation>在浏览器中打开 {host}？</translation>
    </message>
</context>
<context>
    <name>message</name>
    <message>
        <source>Copy as Markdown</source>
        <translation>复制为 Markdown</translation>
    </message>
    <message>
        <source>Copy request id</source>
        <translation>复制请求 ID</translation>
    </message>
    <message>
        <source>Request {id}</source>
        <translation>请求 {id}</translation>
    </message>
    <message>
        <source>{in} tokens in, {out} out</source>
        <translation>输入 {in}，输出 {out} 词元</translation>
    </message>
    <message>
        <source>{time} in all</source>
        <translation>共 {time}</translation>
    </message>
</context>
<context>
    <name>models</name>
    <message>
        <source>The program&apos;s own list of models is missing or damaged. Models still come from the service; reinstall the program to have the rest.</source>
        <translation>程序自带的模型列表缺失或已损坏。仍可使用服务列出的模型；重新安装程序即可恢复其余模型。</translation>
    </message>
</context>
<context>
    <name>network</name>
    <message>
        <source>It answered {status}: it cannot reach {host} now. It is not your login; retry later.</source>
        <translation>代理返回 {status}：目前连不上 {host}。与用户名和密码无关，请稍后重试。</translation>
    </message>
    <message>
        <source>It answered {status}: it does not allow connections to {host}.</source>
        <translation>代理返回 {status}：不允许连接 {host}。</translation>
    </message>
    <message>
        <source>It ended before anything of the answer came. Your message is kept.</source>
        <translation>还没收到任何内容就结束了。你的消息已保留。</translation>
    </message>
    <message>
        <source>It goes through a proxy, which could read your token and words over http://. Name {host} among the proxy&apos;s exceptions (NO_PROXY), or use no proxy.</source>
        <translation>请求会经过代理，而走 http:// 时代理能看到你的令牌和内容。请把 {host} 加入代理的例外（NO_PROXY），或不使用代理。</translation>
    </message>
    <message>
        <source>Its certificate has expired, if this computer&apos;s date is right: {date}. If it is not, set the clock. Nothing was sent.</source>
        <translation>按这台电脑的日期（{date}），它的证书已过期。如果日期不对，请校准时钟。没有发送任何内容。</translation>
    </message>
    <message>
        <source>Its certificate is not valid yet, if this computer&apos;s date is right: {date}. If it is not, set the clock. Nothing was sent.</source>
        <translation>按这台电脑的日期（{date}），它的证书尚未生效。如果日期不对，请校准时钟。没有发送任何内容。</translation>
    </message>
    <message>
        <source>The system leaves its proxy to a script (PAC), which is not run here: it was tried without a proxy. If one is needed, enter it in the network settings.</source>
        <translation>系统用脚本（PAC）决定代理，本程序不运行这种脚本，因此未经代理直接连接。如果需要代理，请在网络设置里填写。</translation>
    </message>
</context>
<context>
    <name>opening</name>
    <message>
        <source>A backup of the history is being put in place…</source>
        <translation>正在用备份恢复历史记录…</translation>
    </message>
    <message>
        <source>Going back to a backup was interrupted. The history is as it was before that; go back again if you still want to.</source>
        <translation>恢复备份时被中断。历史记录仍是之前的样子；如果还需要，请再恢复一次。</translation>
    </message>
    <message>
        <source>Messages saved from the damaged file: {n}</source>
        <translation>从损坏的文件中救回的消息：{n} 条</translation>
    </message>
    <message>
        <source>Show</source>
        <translation>查看</translation>
    </message>
    <message>
        <source>The data folder cannot be used, so nothing new is kept: {folder}. Check its permissions and the free space, then start again. {reason}</source>
        <translation>数据文件夹无法使用，新内容不会保存：{folder}。请检查它的权限和剩余空间，然后重新启动。{reason}</translation>
    </message>
    <message>
        <source>The data folder is not there: {folder}. Connect its disk and start again; until then nothing new is kept.</source>
        <translation>找不到数据文件夹：{folder}。请连接所在的磁盘后重新启动，在此之前不会保存新内容。</translation>
    </message>
    <message>
        <source>The data is in {folder} now. The old folder is kept: {previous}</source>
        <translation>数据现在位于 {folder}，旧文件夹仍保留：{previous}</translation>
    </message>
    <message>
        <source>The history is being backed up before it is brought up to date…</source>
        <translation>正在备份历史记录，随后升级…</translation>
    </message>
    <message>
        <source>The history is being brought up to date…</source>
        <translation>正在升级历史记录…</translation>
    </message>
    <message>
        <source>The history is being opened…</source>
        <translation>正在打开历史记录…</translation>
    </message>
    <message>
        <source>The history of the backup is back.</source>
        <translation>已恢复备份中的历史记录。</translation>
    </message>
    <message>
        <source>The history was damaged and there is no backup. A new one was started; the damaged file is kept: {file}</source>
        <translation>历史记录已损坏，也没有备份。已新建一份，损坏的文件保留在：{file}</translation>
    </message>
    <message>
        <source>The history was damaged. The newest good backup is in its place; the damaged file is kept: {file}</source>
        <translation>历史记录已损坏，已换上最新的完好备份，损坏的文件保留在：{file}</translation>
    </message>
    <message>
        <source>The history was written by a newer version. It can be read here, but nothing new is kept. Please update.</source>
        <translation>历史记录由更新的版本写入。这里可以查看，但不会保存新内容，请升级程序。</translation>
    </message>
    <message>
        <source>The history&apos;s file was missing. The newest good backup is in its place.</source>
        <translation>历史记录文件不见了，已用最新的完好备份代替。</translation>
    </message>
    <message>
        <source>The program did not end properly last time, and its latest changes are missing: the last words before that may be lost.</source>
        <translation>程序上次没有正常退出，最新的改动没能找到，退出前的最后几句话可能已丢失。</translation>
    </message>
    <message>
        <source>The program did not end properly last time: the history is being checked…</source>
        <translation>程序上次没有正常退出，正在检查历史记录…</translation>
    </message>
    <message>
        <source>The program ended before {n} answers were whole. They are marked in the history.</source>
        <translation>上次退出时，有 {n} 个回答没有完成，已在历史记录中标出。</translation>
    </message>
    <message>
        <source>The program ended before “{title}” was answered to the end.</source>
        <translation>上次退出时，“{title}”还没有回答完。</translation>
    </message>
    <message>
        <source>The settings file cannot be read. The default settings are used.</source>
        <translation>无法读取设置文件，已使用默认设置。</translation>
    </message>
    <message>
        <source>The settings file was damaged. The default settings are used; the old file is kept: {file}</source>
        <translation>设置文件已损坏，已使用默认设置，原文件保留在：{file}</translation>
    </message>
</context>
<context>
    <name>operations</name>
    <message>
        <source>Backing up what is there, before going back…</source>
        <translation>恢复前正在备份当前数据…</translation>
    </message>
    <message>
        <source>Cancelled. No backup was made.</source>
        <translation>已取消，没有生成备份。</translation>
    </message>
    <message>
        <source>Cancelled. No copy was left behind.</source>
        <translation>已取消，没有留下副本。</translation>
    </message>
    <message>
        <source>Cancelled. No file was left behind.</source>
        <translation>已取消，没有留下文件。</translation>
    </message>
    <message>
        <source>Cancelled. Nothing was changed.</source>
        <translation>已取消，没有任何改动。</translation>
    </message>
    <message>
        <source>Cancelled. Nothing was imported.</source>
        <translation>已取消，没有导入任何内容。</translation>
    </message>
    <message>
        <source>Cancelled. The data folder is where it was, and unchanged.</source>
        <translation>已取消，数据文件夹仍在原处，没有改动。</translation>
    </message>
    <message>
        <source>Copying everything…</source>
        <translation>正在复制全部数据…</translation>
    </message>
    <message>
        <source>Copying the data folder…</source>
        <translation>正在复制数据文件夹…</translation>
    </message>
    <message>
        <source>Ending…</source>
        <translation>正在结束…</translation>
    </message>
    <message>
        <source>Everything is copied.</source>
        <translation>已全部复制。</translation>
    </message>
    <message>
        <source>Exporting everything…</source>
        <translation>正在导出全部…</translation>
    </message>
    <message>
        <source>Exporting…</source>
        <translation>正在导出…</translation>
    </message>
    <message>
        <source>Importing: adding to the history, this takes a moment…</source>
        <translation>正在导入：写入历史记录，请稍候…</translation>
    </message>
    <message>
        <source>Importing…</source>
        <translation>正在导入…</translation>
    </message>
    <message>
        <source>Looking into it…</source>
        <translation>正在查看文件内容…</translation>
    </message>
    <message>
        <source>Making a backup…</source>
        <translation>正在备份…</translation>
    </message>
    <message>
        <source>The backup is made.</source>
        <translation>备份完成。</translation>
    </message>
    <message>
        <source>The program starts again now.</source>
        <translation>程序即将重新启动。</translation>
    </message>
    <message>
        <source>“{title}”: {reason}</source>
        <translation>“{title}”：{reason}</translation>
    </message>
</context>
<context>
    <name>palette</name>
    <message>
        <source>Actions</source>
        <translation>操作</translation>
    </message>
    <message>
        <source>Conversations</source>
        <translation>对话</translation>
    </message>
    <message>
        <source>Editing</source>
        <translation>图片编辑</translation>
    </message>
    <message>
        <source>Models</source>
        <translation>模型</translation>
    </message>
    <message>
        <source>Pictures</source>
        <translation>图片</translation>
    </message>
    <message>
        <source>Settings</source>
        <translation>设置</translation>
    </message>
    <message>
        <source>Text</source>
        <translation>文本</translation>
    </message>
    <message>
        <source>Thinking</source>
        <translation>思考</translation>
    </message>
    <message>
        <source>Vision</source>
        <translation>看图</translation>
    </message>
    <message>
        <source>no longer served</source>
        <translation>已下线</translation>
    </message>
</context>
<context>
    <name>picture samples</name>
    <message>
        <source>A landscape</source>
        <translation>一处风景</translation>
    </message>
    <message>
        <source>A lighthouse on a dark cliff at dusk, calm violet sea, low sun</source>
        <translation>黄昏的海边灯塔，深色悬崖，平静的紫色海面，低垂的太阳</translation>
    </message>
    <message>
        <source>A still life</source>
        <translation>一幅静物</translation>
    </message>
    <message>
        <source>A style</source>
        <translation>一种画风</translation>
    </message>
    <message>
        <source>An animal</source>
        <translation>一只动物</translation>
    </message>
    <message>
        <source>An orange cat on a snowy roof above an old town, full moon</source>
        <translation>雪后古镇，一只橘猫坐在积雪的屋檐上，明月当空</translation>
    </message>
    <message>
        <source>Ink painting of a lone boat on a river, misty mountains</source>
        <translation>水墨山水，江上孤舟，远山云雾缭绕</translation>
    </message>
    <message>
        <source>Red poppies in a blue vase by a window, soft morning light</source>
        <translation>窗边的蓝色花瓶，插着红色虞美人，柔和的晨光</translation>
    </message>
</context>
<context>
    <name>pictures</name>
    <message>
        <source>HEIC photos cannot be read here. Share the photo as JPEG, or set the camera of an iPhone to “Most Compatible”.</source>
        <translation>这里无法读取 HEIC 照片。请以 JPEG 格式分享照片，或在 iPhone 的相机设置中把格式改为“兼容性最佳”。</translation>
    </message>
    <message>
        <source>Its file in the data folder was changed or damaged.</source>
        <translation>它在数据文件夹里的文件被改动或损坏了。</translation>
    </message>
    <message>
        <source>Its file is missing from the data folder.</source>
        <translation>数据文件夹里找不到它的文件。</translation>
    </message>
    <message>
        <source>SVG drawings cannot be read here. Convert it to PNG first.</source>
        <translation>无法读取 SVG 图形，请先转换成 PNG。</translation>
    </message>
    <message>
        <source>The file cannot be read.</source>
        <translation>无法读取这个文件。</translation>
    </message>
    <message>
        <source>The file is empty.</source>
        <translation>文件是空的。</translation>
    </message>
    <message>
        <source>The file is larger than {limit} MB.</source>
        <translation>文件超过了 {limit} MB。</translation>
    </message>
    <message>
        <source>The file is not there any more.</source>
        <translation>文件已经不在了。</translation>
    </message>
    <message>
        <source>The picture has {width} × {height} pixels and would take too much memory. Up to {fitting_width} × {fitting_height} fit.</source>
        <translation>图片有 {width} × {height} 像素，打开它占用的内存过多。最大可用 {fitting_width} × {fitting_height}。</translation>
    </message>
    <message>
        <source>The picture is damaged or cut short.</source>
        <translation>图片已损坏或不完整。</translation>
    </message>
    <message>
        <source>This is a PDF document. Save the page you mean as a picture, or take a screenshot.</source>
        <translation>这是 PDF 文档。请把需要的那一页存为图片，或者截图。</translation>
    </message>
    <message>
        <source>This is a Photoshop file. Export it as PNG or JPEG first.</source>
        <translation>这是 Photoshop 文件。请先导出为 PNG 或 JPEG。</translation>
    </message>
    <message>
        <source>This is a camera&apos;s raw file ({format}). Export it as JPEG first.</source>
        <translation>这是相机的 RAW 文件（{format}）。请先导出为 JPEG。</translation>
    </message>
    <message>
        <source>This is a folder.</source>
        <translation>这是一个文件夹。</translation>
    </message>
    <message>
        <source>This is a packed file or an office document. Take the picture out of it first.</source>
        <translation>这是压缩文件或办公文档。请先把其中的图片取出来。</translation>
    </message>
    <message>
        <source>This is a sound file, not a picture.</source>
        <translation>这是音频文件，不是图片。</translation>
    </message>
    <message>
        <source>This is a text file, not a picture.</source>
        <translation>这是文本文件，不是图片。</translation>
    </message>
    <message>
        <source>This is a video. Take a screenshot of the moment you mean.</source>
        <translation>这是视频。请截取你想问的那一幕。</translation>
    </message>
    <message>
        <source>This is not a PNG, JPEG, WebP, GIF, BMP or AVIF picture.</source>
        <translation>这不是 PNG、JPEG、WebP、GIF、BMP 或 AVIF 图片。</translation>
    </message>
    <message>
        <source>This is not an ordinary file.</source>
        <translation>这不是普通文件。</translation>
    </message>
    <message>
        <source>What was ordered cannot be read any more. Remove it and order again.</source>
        <translation>这项任务的内容已无法读取，请移除后重新生成。</translation>
    </message>
    <message>
        <source>You have no permission to read this file.</source>
        <translation>没有权限读取这个文件。</translation>
    </message>
    <message>
        <source>{format} holds at most {limit} pixels a side. Save it as PNG instead.</source>
        <translation>{format} 每边最多 {limit} 像素，请改存为 PNG。</translation>
    </message>
    <message>
        <source>{format} pictures cannot be read here. Convert it to JPEG first.</source>
        <translation>无法读取 {format} 图片，请先转换成 JPEG。</translation>
    </message>
</context>
<context>
    <name>providers</name>
    <message>
        <source>Anthropic-compatible host</source>
        <translation>Anthropic 兼容服务</translation>
    </message>
    <message>
        <source>ModelScope (China)</source>
        <translation>魔搭社区（中国）</translation>
    </message>
    <message>
        <source>ModelScope (international)</source>
        <translation>ModelScope（国际站）</translation>
    </message>
    <message>
        <source>OpenAI-compatible host</source>
        <translation>OpenAI 兼容服务</translation>
    </message>
</context>
<context>
    <name>samples</name>
    <message>
        <source>Change some code</source>
        <translation>改一段代码</translation>
    </message>
    <message>
        <source>Explain quicksort with one example and what it costs</source>
        <translation>用一个例子讲清楚快速排序，再说说它的开销</translation>
    </message>
    <message>
        <source>Explain something</source>
        <translation>讲明白一件事</translation>
    </message>
    <message>
        <source>Sort my notes</source>
        <translation>整理记录</translation>
    </message>
    <message>
        <source>Tell my landlord the heating has been off for a week: polite but firm</source>
        <translation>给房东写封信，说明暖气坏了一周，客气但坚决</translation>
    </message>
    <message>
        <source>Turn an SQL query into weekly retention and explain each step</source>
        <translation>把一段 SQL 改成按周统计留存率，并解释每一步</translation>
    </message>
    <message>
        <source>Turn meeting notes into tasks with owners and dates</source>
        <translation>把会议记录整理成待办清单，标出负责人和日期</translation>
    </message>
    <message>
        <source>Write a letter</source>
        <translation>写一封信</translation>
    </message>
</context>
<context>
    <name>secrets</name>
    <message>
        <source>The keyring set up here would not protect the token, so it is not used.</source>
        <translation>系统配置的密钥环无法保护令牌，因此没有使用。</translation>
    </message>
    <message>
        <source>The system keyring does not answer.</source>
        <translation>系统密钥环没有响应。</translation>
    </message>
    <message>
        <source>The system keyring holds no collection yet, and none was made. Make one in the desktop&apos;s password program.</source>
        <translation>系统密钥环里还没有密码集，也没有新建成功。请在桌面的密码程序里新建一个。</translation>
    </message>
    <message>
        <source>The system keyring is locked and was not opened.</source>
        <translation>系统密钥环已锁定，没有解锁。</translation>
    </message>
    <message>
        <source>The system keyring took the token but did not give it back.</source>
        <translation>令牌存入系统密钥环后没能读回。</translation>
    </message>
    <message>
        <source>The token is longer than Windows keeps: about 1,280 characters.</source>
        <translation>令牌太长，Windows 凭据管理器最多保存约 1,280 个字符。</translation>
    </message>
    <message>
        <source>This system has no keyring that could keep the token.</source>
        <translation>这个系统没有可以保存令牌的密钥环。</translation>
    </message>
</context>
<context>
    <name>settings</name>
    <message>
        <source>A PEM file that your network asks to trust.</source>
        <translation>你的网络要求信任的 PEM 文件。</translation>
    </message>
    <message>
        <source>A proxy&apos;s address looks like http://host:port or socks5://host:port.</source>
        <translation>代理地址形如 http://host:port 或 socks5://host:port。</translation>
    </message>
    <message>
        <source>About</source>
        <translation>关于</translation>
    </message>
    <message>
        <source>Account</source>
        <translation>账号</translation>
    </message>
    <message>
        <source>Any server with an OpenAI- or Anthropic-compatible interface, also one on this computer.</source>
        <translation>任何兼容 OpenAI 或 Anthropic 接口的服务器，也可以在本机上。</translation>
    </message>
    <message>
        <source>Appearance</source>
        <translation>外观</translation>
    </message>
    <message>
        <source>Automatic</source>
        <translation>自动</translation>
    </message>
    <message>
        <source>Backups</source>
        <translation>备份</translation>
    </message>
    <message>
        <source>Before an update</source>
        <translation>更新之前</translation>
    </message>
    <message>
        <source>Before going back</source>
        <translation>恢复之前</translation>
    </message>
    <message>
        <source>By hand</source>
        <translation>手动</translation>
    </message>
    <message>
        <source>Cache</source>
        <translation>缓存</translation>
    </message>
    <message>
        <source>Changes apply from the next request on.</source>
        <translation>更改从下一次请求起生效。</translation>
    </message>
    <message>
        <source>Changes show at once.</source>
        <translation>更改立即生效。</translation>
    </message>
    <message>
        <source>Conversations</source>
        <translation>对话</translation>
    </message>
    <message>
        <source>Conversations, pictures and settings are on this computer only.</source>
        <translation>对话、图片和设置都只保存在这台电脑上。</translation>
    </message>
    <message>
        <source>Custom</source>
        <translation>自定义</translation>
    </message>
    <message>
        <source>Dark</source>
        <translation>深色</translation>
    </message>
    <message>
        <source>Data and backups</source>
        <translation>数据与备份</translation>
    </message>
    <message>
        <source>Enter sends</source>
        <translation>按 Enter 发送</translation>
    </message>
    <message>
        <source>Extra certificate file</source>
        <translation>附加证书文件</translation>
    </message>
    <message>
        <source>For example http://127.0.0.1:7890 or socks5://name:password@host:1080.</source>
        <translation>例如 http://127.0.0.1:7890 或 socks5://user:password@host:1080。</translation>
    </message>
    <message>
        <source>How many orders the service may be at work on; questions go on meanwhile.</source>
        <translation>同时交给服务生成的图片数；期间可以照常提问。</translation>
    </message>
    <message>
        <source>Keep the token for this session only</source>
        <translation>令牌仅本次运行保留</translation>
    </message>
    <message>
        <source>Language</source>
        <translation>语言</translation>
    </message>
    <message>
        <source>Let the model name conversations</source>
        <translation>由模型为对话命名</translation>
    </message>
    <message>
        <source>Light</source>
        <translation>浅色</translation>
    </message>
    <message>
        <source>Logs hold no prompts, no answers and no token. Nothing is reported anywhere.</source>
        <translation>日志里没有提示词、回答和令牌，也不会上报任何信息。</translation>
    </message>
    <message>
        <source>Longest silence within an answer, in seconds</source>
        <translation>回答最长停顿时间（秒）</translation>
    </message>
    <message>
        <source>Longest wait for a connection, in seconds</source>
        <translation>连接最长等待时间（秒）</translation>
    </message>
    <message>
        <source>Network</source>
        <translation>网络</translation>
    </message>
    <message>
        <source>None</source>
        <translation>不使用</translation>
    </message>
    <message>
        <source>Once a day; 0 never warns.</source>
        <translation>每天最多提醒一次，0 表示从不提醒。</translation>
    </message>
    <message>
        <source>One short call more after the first answer; it counts like any other.</source>
        <translation>首次回答后会多一次简短调用，照常计入用量。</translation>
    </message>
    <message>
        <source>Other hosts</source>
        <translation>其他服务</translation>
    </message>
    <message>
        <source>Otherwise Ctrl+Enter sends and Enter breaks the line.</source>
        <translation>关闭后按 Ctrl+Enter 发送，按 Enter 换行。</translation>
    </message>
    <message>
        <source>Otherwise each answer comes whole, when it is finished.</source>
        <translation>关闭后，回答会在全部生成后一次显示。</translation>
    </message>
    <message>
        <source>Pictures</source>
        <translation>图片</translation>
    </message>
    <message>
        <source>Pictures at once</source>
        <translation>同时生成的图片数</translation>
    </message>
    <message>
        <source>Privacy</source>
        <translation>隐私</translation>
    </message>
    <message>
        <source>Proxy</source>
        <translation>代理</translation>
    </message>
    <message>
        <source>Proxy address</source>
        <translation>代理地址</translation>
    </message>
    <message>
        <source>Requests at once</source>
        <translation>同时请求数</translation>
    </message>
    <message>
        <source>Sent pictures</source>
        <translation>发送过的图片</translation>
    </message>
    <message>
        <source>Show answers while they are written</source>
        <translation>边生成边显示回答</translation>
    </message>
    <message>
        <source>System</source>
        <translation>跟随系统</translation>
    </message>
    <message>
        <source>The service is made for one at a time.</source>
        <translation>服务更适合一次一个请求。</translation>
    </message>
    <message>
        <source>Theme</source>
        <translation>主题</translation>
    </message>
    <message>
        <source>There is no such file.</source>
        <translation>没有这个文件。</translation>
    </message>
    <message>
        <source>Warn when fewer credits are left</source>
        <translation>魔粒低于此数时提醒</translation>
    </message>
    <message>
        <source>Write prompt and settings into saved pictures</source>
        <translation>保存图片时写入提示词和参数</translation>
    </message>
    <message>
        <source>Your site, your token and what is known of both.</source>
        <translation>你的站点、令牌及其状态。</translation>
    </message>
</context>
<context>
    <name>shortcuts</name>
    <message>
        <source>A page down</source>
        <translation>向下一页</translation>
    </message>
    <message>
        <source>Break the line</source>
        <translation>换行</translation>
    </message>
    <message>
        <source>Choose all conversations in the history</source>
        <translation>在历史记录中全选</translation>
    </message>
    <message>
        <source>Close or open a folder of the history</source>
        <translation>折叠或展开历史记录中的文件夹</translation>
    </message>
    <message>
        <source>Delete a conversation in the history</source>
        <translation>删除历史记录中的对话</translation>
    </message>
    <message>
        <source>From the message field to the messages</source>
        <translation>从输入框到消息</translation>
    </message>
    <message>
        <source>From the search into the history</source>
        <translation>从搜索框进入历史记录</translation>
    </message>
    <message>
        <source>Generate</source>
        <translation>生成</translation>
    </message>
    <message>
        <source>Press the button</source>
        <translation>按下按钮</translation>
    </message>
    <message>
        <source>Rename a conversation in the history</source>
        <translation>重命名历史记录中的对话</translation>
    </message>
    <message>
        <source>Send the message</source>
        <translation>发送消息</translation>
    </message>
    <message>
        <source>Take an order out of the queue</source>
        <translation>从队列中移除任务</translation>
    </message>
    <message>
        <source>The beginning and the end of the conversation</source>
        <translation>对话的开头与结尾</translation>
    </message>
    <message>
        <source>The buttons of a message</source>
        <translation>消息的按钮</translation>
    </message>
    <message>
        <source>The menu of a row of the history</source>
        <translation>打开历史中一行的菜单</translation>
    </message>
    <message>
        <source>The message before, the message after</source>
        <translation>上一条消息、下一条消息</translation>
    </message>
    <message>
        <source>The picture before, the picture after</source>
        <translation>上一张图片、下一张图片</translation>
    </message>
    <message>
        <source>The same</source>
        <translation>同上</translation>
    </message>
</context>
<context>
    <name>start</name>
    <message>
        <source>Moda Studio cannot start: a part of it is missing or damaged. Reinstall it; your data is not touched by that.</source>
        <translation>Moda Studio 无法启动：程序的某个部分缺失或已损坏。请重新安装，你的数据不受影响。</translation>
    </message>
    <message>
        <source>Moda Studio is running already with this data folder, but its window does not answer: {folder}
End that program first, or start with another folder: moda-studio --data-dir DIR</source>
        <translation>Moda Studio 已经在使用这个数据文件夹，但它的窗口没有响应：{folder}
请先结束那个程序，或换一个文件夹启动：moda-studio --data-dir DIR</translation>
    </message>
    <message>
        <source>Or name another folder at the start: moda-studio --data-dir DIR</source>
        <translation>也可以在启动时指定另一个文件夹：moda-studio --data-dir DIR</translation>
    </message>
    <message>
        <source>Quit</source>
        <translation>退出</translation>
    </message>
    <message>
        <source>Start anyway</source>
        <translation>仍然启动</translation>
    </message>
    <message>
        <source>The data folder has a name that cannot be used: {path}. Rename it, in UTF-8.</source>
        <translation>数据文件夹的名称无法使用：{path}。请用 UTF-8 重新命名。</translation>
    </message>
    <message>
        <source>The data folder is in use on another computer, or it was moved here from there: {folder}
Start anyway only when Moda Studio runs nowhere else with this folder: two at once would damage the history.</source>
        <translation>数据文件夹正在另一台电脑上使用，或是从那里移过来的：{folder}
只有确定别处没有 Moda Studio 在使用这个文件夹时，才选择仍然启动；两个程序同时使用会损坏历史记录。</translation>
    </message>
    <message>
        <source>This user has no home folder, so there is no place for the data. Set HOME to one.</source>
        <translation>当前用户没有主文件夹，数据无处存放。请把 HOME 设为一个文件夹。</translation>
    </message>
</context>
<context>
    <name>tabs</name>
    <message>
        <source>Chat</source>
        <translation>对话</translation>
    </message>
    <message>
        <source>Images</source>
        <translation>绘图</translation>
    </message>
    <message>
        <source>Vision</source>
        <translation>看图</translation>
    </message>
</context>
<context>
    <name>transcript</name>
    <message>
        <source>A retry usually helps.</source>
        <translation>重试通常就能解决。</translation>
    </message>
    <message>
        <source>All together became too long for the model. It stays here.</source>
        <translation>全部内容对模型来说太长了。它们仍保留在这里。</translation>
    </message>
    <message>
        <source>Answer</source>
        <translation>回答</translation>
    </message>
    <message>
        <source>Ask anyway</source>
        <translation>仍要提问</translation>
    </message>
    <message>
        <source>Bind the account</source>
        <translation>绑定账号</translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation>取消</translation>
    </message>
    <message>
        <source>Caution</source>
        <translation>小心</translation>
    </message>
    <message>
        <source>Change it in the parameters</source>
        <translation>去参数面板修改</translation>
    </message>
    <message>
        <source>Check</source>
        <translation>检查</translation>
    </message>
    <message>
        <source>Choose another model</source>
        <translation>换一个模型</translation>
    </message>
    <message>
        <source>Choose…</source>
        <translation>选择…</translation>
    </message>
    <message>
        <source>Continue</source>
        <translation>继续</translation>
    </message>
    <message>
        <source>Continue in a new conversation</source>
        <translation>在新对话中继续</translation>
    </message>
    <message>
        <source>Continue it, or raise the limit in the parameters.</source>
        <translation>可以继续，也可以在参数里调高上限。</translation>
    </message>
    <message>
        <source>Continue with {model}</source>
        <translation>用 {model} 继续</translation>
    </message>
    <message>
        <source>Copied</source>
        <translation>已复制</translation>
    </message>
    <message>
        <source>Copy</source>
        <translation>复制</translation>
    </message>
    <message>
        <source>Copy address</source>
        <translation>复制链接地址</translation>
    </message>
    <message>
        <source>Copy as Markdown</source>
        <translation>复制为 Markdown</translation>
    </message>
    <message>
        <source>Copy code</source>
        <translation>复制代码</translation>
    </message>
    <message>
        <source>Copy details</source>
        <translation>复制详情</translation>
    </message>
    <message>
        <source>Copy message</source>
        <translation>复制消息</translation>
    </message>
    <message>
        <source>Copy message as Markdown</source>
        <translation>复制消息为 Markdown</translation>
    </message>
    <message>
        <source>Copy table</source>
        <translation>复制表格</translation>
    </message>
    <message>
        <source>Copy table as Markdown</source>
        <translation>复制表格为 Markdown</translation>
    </message>
    <message>
        <source>Copy the code</source>
        <translation>复制代码</translation>
    </message>
    <message>
        <source>Copy what the service said</source>
        <translation>复制服务的原话</translation>
    </message>
    <message>
        <source>Details</source>
        <translation>详情</translation>
    </message>
    <message>
        <source>Earlier version</source>
        <translation>上一版本</translation>
    </message>
    <message>
        <source>Edit</source>
        <translation>编辑</translation>
    </message>
    <message>
        <source>Find…</source>
        <translation>查找…</translation>
    </message>
    <message>
        <source>Important</source>
        <translation>重要</translation>
    </message>
    <message>
        <source>Its content filter ended the answer. Try asking in other words.</source>
        <translation>内容过滤中止了回答，换个说法再问试试。</translation>
    </message>
    <message>
        <source>Later version</source>
        <translation>下一版本</translation>
    </message>
    <message>
        <source>More</source>
        <translation>更多</translation>
    </message>
    <message>
        <source>Note</source>
        <translation>注意</translation>
    </message>
    <message>
        <source>Open link</source>
        <translation>打开链接</translation>
    </message>
    <message>
        <source>Open network settings</source>
        <translation>打开网络设置</translation>
    </message>
    <message>
        <source>Open token settings</source>
        <translation>打开令牌设置</translation>
    </message>
    <message>
        <source>Regenerate</source>
        <translation>重新生成</translation>
    </message>
    <message>
        <source>Request {id}</source>
        <translation>请求 {id}</translation>
    </message>
    <message>
        <source>Retry</source>
        <translation>重试</translation>
    </message>
    <message>
        <source>Retrying in {time}</source>
        <translation>重试倒计时 {time}</translation>
    </message>
    <message>
        <source>Save</source>
        <translation>保存</translation>
    </message>
    <message>
        <source>Save again</source>
        <translation>再次保存</translation>
    </message>
    <message>
        <source>Save the code</source>
        <translation>保存代码</translation>
    </message>
    <message>
        <source>See credits</source>
        <translation>查看魔粒</translation>
    </message>
    <message>
        <source>Select all</source>
        <translation>全选</translation>
    </message>
    <message>
        <source>Send it again</source>
        <translation>重新一并发送</translation>
    </message>
    <message>
        <source>Send without the oldest</source>
        <translation>不带最早的消息发送</translation>
    </message>
    <message>
        <source>Show all · {n} characters</source>
        <translation>展开全部 · {n} 个字符</translation>
    </message>
    <message>
        <source>Show as code</source>
        <translation>查看代码</translation>
    </message>
    <message>
        <source>Show less</source>
        <translation>收起</translation>
    </message>
    <message>
        <source>The answer ended early</source>
        <translation>回答提前中断</translation>
    </message>
    <message>
        <source>The answer reached its length limit</source>
        <translation>回答达到了词元上限</translation>
    </message>
    <message>
        <source>The service held back the answer</source>
        <translation>服务没有给出回答</translation>
    </message>
    <message>
        <source>The service held back the rest</source>
        <translation>服务没有给出其余内容</translation>
    </message>
    <message>
        <source>There is no answer</source>
        <translation>没有得到回答</translation>
    </message>
    <message>
        <source>Thinking…</source>
        <translation>正在思考…</translation>
    </message>
    <message>
        <source>Thought</source>
        <translation>思考过程</translation>
    </message>
    <message>
        <source>Thought for {time}</source>
        <translation>思考了 {time}</translation>
    </message>
    <message>
        <source>Tip</source>
        <translation>提示</translation>
    </message>
    <message>
        <source>Try it offline</source>
        <translation>离线试用</translation>
    </message>
    <message>
        <source>Verify</source>
        <translation>去认证</translation>
    </message>
    <message>
        <source>Warning</source>
        <translation>警告</translation>
    </message>
    <message>
        <source>What came until then is kept.</source>
        <translation>收到的内容已保留。</translation>
    </message>
    <message>
        <source>What stands above is not sent any more</source>
        <translation>以上内容不再发送</translation>
    </message>
    <message>
        <source>You</source>
        <translation>你</translation>
    </message>
    <message>
        <source>You stopped the answer</source>
        <translation>已停止回答</translation>
    </message>
    <message>
        <source>being written</source>
        <translation>正在生成</translation>
    </message>
    <message>
        <source>failed</source>
        <translation>失败</translation>
    </message>
    <message>
        <source>interrupted</source>
        <translation>中断</translation>
    </message>
    <message>
        <source>stopped</source>
        <translation>已停止</translation>
    </message>
    <message>
        <source>{in} in, {out} out</source>
        <translation>输入 {in}，输出 {out}</translation>
    </message>
    <message>
        <source>{n} tokens/s</source>
        <translation>{n} 词元/秒</translation>
    </message>
    <message>
        <source>{reason}. Your message is kept; this is try {n} of {most}.</source>
        <translation>{reason}。消息已保留，第 {n} 次尝试，共 {most} 次。</translation>
    </message>
    <message>
        <source>{time} to first token</source>
        <translation>首字 {time}</translation>
    </message>
</context>
<context>
    <name>transfer</name>
    <message>
        <source>A part of the file is larger than {limit} MB.</source>
        <translation>文件中有一部分超过了 {limit} MB。</translation>
    </message>
    <message>
        <source>A picture in the file is damaged: {name}</source>
        <translation>文件中有图片已损坏：{name}</translation>
    </message>
    <message>
        <source>Answer</source>
        <translation>回答</translation>
    </message>
    <message>
        <source>Call of {name}</source>
        <translation>调用 {name}</translation>
    </message>
    <message>
        <source>Conversation</source>
        <translation>对话</translation>
    </message>
    <message>
        <source>It holds no messages, only its title.</source>
        <translation>只有标题，没有消息。</translation>
    </message>
    <message>
        <source>It is damaged or cut short; what could still be read of it is there.</source>
        <translation>文件已损坏或不完整；能读出的内容都在。</translation>
    </message>
    <message>
        <source>Its messages are in a form that is not understood.</source>
        <translation>消息的格式无法识别。</translation>
    </message>
    <message>
        <source>Its parts are nested too deeply.</source>
        <translation>内容嵌套得太深。</translation>
    </message>
    <message>
        <source>Not everything could be copied. The data is where it was.</source>
        <translation>没能复制全部数据，数据仍在原处。</translation>
    </message>
    <message>
        <source>Picture</source>
        <translation>图片</translation>
    </message>
    <message>
        <source>Reasoning</source>
        <translation>思考过程</translation>
    </message>
    <message>
        <source>Result</source>
        <translation>结果</translation>
    </message>
    <message>
        <source>System prompt</source>
        <translation>系统提示词</translation>
    </message>
    <message>
        <source>The data folder is not there. Connect its disk and start again.</source>
        <translation>找不到数据文件夹。请连接所在的磁盘后重新启动。</translation>
    </message>
    <message>
        <source>The data is in this folder already.</source>
        <translation>数据已经在这个文件夹中。</translation>
    </message>
    <message>
        <source>The file could not be written. Check the folder and the free space.</source>
        <translation>文件写入失败，请检查文件夹和剩余空间。</translation>
    </message>
    <message>
        <source>The file holds damaged JSON: it was cut short or changed. Download or export it again.</source>
        <translation>文件中的 JSON 已损坏：可能没有下载完整，或被改动过。请重新下载或导出。</translation>
    </message>
    <message>
        <source>The file holds something unexpected, and no conversation in it can be read. Export it again.</source>
        <translation>文件中有意外的内容，其中没有可以读取的对话。请重新导出。</translation>
    </message>
    <message>
        <source>The file is damaged from here on; what comes before is whole.</source>
        <translation>文件从这里开始损坏，之前的内容完整。</translation>
    </message>
    <message>
        <source>The file is empty. Download or export it again.</source>
        <translation>文件是空的。请重新下载或导出。</translation>
    </message>
    <message>
        <source>The file is from {client}, but no conversation in it has a message.</source>
        <translation>这是 {client} 的文件，但其中的对话都没有消息。</translation>
    </message>
    <message>
        <source>The file is neither an export of Moda Studio nor one of ChatGPT, Claude, DeepSeek, Cherry Studio, Chatbox, NextChat, LobeChat or Open WebUI. Choose the file or zip that the program exported.</source>
        <translation>这不是 Moda Studio 导出的文件，也不是 ChatGPT、Claude、DeepSeek、Cherry Studio、Chatbox、NextChat、LobeChat 或 Open WebUI 导出的文件。请选择程序导出的文件或 ZIP。</translation>
    </message>
    <message>
        <source>The file is not there any more, or may not be read.</source>
        <translation>文件已经不在了，或没有读取权限。</translation>
    </message>
    <message>
        <source>The file of this picture is missing.</source>
        <translation>这张图片的文件已丢失。</translation>
    </message>
    <message>
        <source>The file was written by a newer version of Moda Studio. Update this one first.</source>
        <translation>文件由更新版本的 Moda Studio 写入，请先升级程序。</translation>
    </message>
    <message>
        <source>The folder is not empty. Choose an empty or a new one.</source>
        <translation>文件夹不是空的。请选择空文件夹或新文件夹。</translation>
    </message>
    <message>
        <source>The new folder cannot lie within the old one.</source>
        <translation>新文件夹不能位于旧文件夹之内。</translation>
    </message>
    <message>
        <source>The zip file holds a name that could write outside of its folder: {name}</source>
        <translation>ZIP 文件中有名称可能写到文件夹之外：{name}</translation>
    </message>
    <message>
        <source>The zip file holds more than {limit} files.</source>
        <translation>ZIP 文件中的文件超过 {limit} 个。</translation>
    </message>
    <message>
        <source>The zip file holds the same name twice: {name}</source>
        <translation>ZIP 文件中有重名文件：{name}</translation>
    </message>
    <message>
        <source>The zip file is damaged or cut short.</source>
        <translation>ZIP 文件已损坏或不完整。</translation>
    </message>
    <message>
        <source>The zip file is protected by a password.</source>
        <translation>ZIP 文件设有密码。</translation>
    </message>
    <message>
        <source>The zip file would unpack to far more than its size. It may be an attack.</source>
        <translation>ZIP 文件解压后会异常庞大，可能是恶意文件。</translation>
    </message>
    <message>
        <source>There is no conversation to save.</source>
        <translation>没有可保存的对话。</translation>
    </message>
    <message>
        <source>There is not enough free space on that disk.</source>
        <translation>那块磁盘的剩余空间不足。</translation>
    </message>
    <message>
        <source>There was no answer.</source>
        <translation>没有得到回答。</translation>
    </message>
    <message>
        <source>This answer ended early.</source>
        <translation>这个回答提前中断。</translation>
    </message>
    <message>
        <source>This answer was not finished.</source>
        <translation>这个回答没有写完。</translation>
    </message>
    <message>
        <source>This answer was stopped.</source>
        <translation>这个回答已被停止。</translation>
    </message>
    <message>
        <source>This backup is damaged. Nothing was changed; choose another one.</source>
        <translation>这份备份已损坏。没有任何改动，请选择另一份。</translation>
    </message>
    <message>
        <source>This backup of Cherry Studio holds its raw database. Make a backup with data.json, or export the topics.</source>
        <translation>这份 Cherry Studio 备份保存的是原始数据库。请改用包含 data.json 的备份，或导出话题。</translation>
    </message>
    <message>
        <source>This folder cannot be written. Choose another one.</source>
        <translation>这个文件夹无法写入，请选择另一个。</translation>
    </message>
    <message>
        <source>This is a conversation of {client}, whose form cannot be read here. Convert it to the form of ChatGPT or OpenAI first, or copy the words you need.</source>
        <translation>这是 {client} 的对话，这里无法读取它的格式。请先转换成 ChatGPT 或 OpenAI 的格式，或直接复制需要的文字。</translation>
    </message>
    <message>
        <source>This is a database. Use the export of the program that it belongs to; for one of Moda Studio, the export of all data.</source>
        <translation>这是一个数据库。请使用所属程序的导出功能；如果是 Moda Studio 的，请用“导出全部”。</translation>
    </message>
    <message>
        <source>This is a web page, which is only for reading. Choose conversations.json or the zip file that it came with.</source>
        <translation>这是网页，只供阅读。请选择同一份导出中的 conversations.json 或 ZIP 文件。</translation>
    </message>
    <message>
        <source>This is a {kind} file, not an export of conversations. Choose the zip or JSON file.</source>
        <translation>这是 {kind} 文件，不是导出的对话。请选择 ZIP 或 JSON 文件。</translation>
    </message>
    <message>
        <source>This is the account part of an export. Choose conversations.json or the whole zip file.</source>
        <translation>这是导出文件中的账号部分。请选择 conversations.json 或整个 ZIP 文件。</translation>
    </message>
    <message>
        <source>This is the list of shared links of a ChatGPT export. Choose conversations.json or the whole zip file.</source>
        <translation>这是 ChatGPT 导出中的分享链接列表。请选择 conversations.json 或整个 ZIP 文件。</translation>
    </message>
    <message>
        <source>This is the ratings part of an export. Choose conversations.json or the whole zip file.</source>
        <translation>这是导出文件中的评价部分。请选择 conversations.json 或整个 ZIP 文件。</translation>
    </message>
    <message>
        <source>This part of an export holds no conversations. Choose conversations.json or the whole zip file.</source>
        <translation>导出文件的这一部分没有对话。请选择 conversations.json 或整个 ZIP 文件。</translation>
    </message>
    <message>
        <source>This text was not written by Moda Studio. Export the conversations as JSON or zip instead.</source>
        <translation>这段文字不是 Moda Studio 导出的。请改为导出 JSON 或 ZIP。</translation>
    </message>
    <message>
        <source>You</source>
        <translation>你</translation>
    </message>
    <message>
        <source>{kind} files cannot be opened here. Unpack it, then choose the folder.</source>
        <translation>这里不能打开 {kind} 文件。请先解压，再选择文件夹。</translation>
    </message>
    <message>
        <source>{name} is not a file but a folder, a device or a pipe. Choose another name.</source>
        <translation>{name} 不是文件，而是文件夹、设备或管道。请换一个名称。</translation>
    </message>
</context>
<context>
    <name>units</name>
    <message>
        <source>. </source>
        <translation>。</translation>
    </message>
    <message>
        <source>1 credit</source>
        <translation>1 魔粒</translation>
    </message>
    <message>
        <source>MMM d</source>
        <translation>M 月 d 日</translation>
    </message>
    <message>
        <source>Today</source>
        <translation>今天</translation>
    </message>
    <message>
        <source>Yesterday</source>
        <translation>昨天</translation>
    </message>
    <message>
        <source>{label}: {words}</source>
        <translation>{label}：{words}</translation>
    </message>
    <message>
        <source>{n} credits</source>
        <translation>{n} 魔粒</translation>
    </message>
    <message>
        <source>{n} s</source>
        <translation>{n} 秒</translation>
    </message>
    <message>
        <source>{time} on {day}</source>
        <translation>{day} 的 {time}</translation>
    </message>
    <message>
        <source>{time} tomorrow</source>
        <translation>明天 {time}</translation>
    </message>
</context>
</TS>

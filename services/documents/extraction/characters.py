"""Characters as fields are compared by: one width, no spaces, simplified.

Comes in: the text of a line. Goes out: the characters that are compared, one for one or fewer. A recogniser that knows
both scripts reads 漢 for 汉 on a blurred photo; papers of the mainland are printed in simplified characters (国家通用语言文字法
§9), so the traditional form is always a slip. Pure functions.
"""

from __future__ import annotations

from services.documents.extraction.dates import plain

_PAIRS = (
    "別别漢汉靜静陳陈張张劉刘楊杨趙赵黃黄吳吴孫孙馬马鄭郑謝谢馮冯蔣蒋葉叶蘇苏呂吕盧卢鍾钟陸陆韓韩許许鄧邓蕭萧龍龙賀贺顧顾嚴严"
    "錢钱湯汤鄒邹羅罗畢毕賈贾閻阎莊庄龐庞紀纪魯鲁國国華华東东陽阳廣广電电號号縣县區区鎮镇鄉乡樓楼棟栋單单業业證证營营執执機机"
    "關关發发簽签員员長长無无萬万億亿貳贰參叁圓圆場场門门開开車车飛飞鳳凤麗丽蘭兰傑杰偉伟軍军劍剑鵬鹏曉晓暉晖榮荣瓊琼瑩莹穎颖"
    "紅红純纯維维綺绮綠绿緯纬義义聖圣衛卫賓宾賢贤輝辉達达運运連连進进遠远選选銀银銘铭鋒锋錦锦鐵铁閔闵雲云靈灵順顺須须領领顏颜"
    "願愿風风鴻鸿齊齐寧宁慶庆憲宪戰战撫抚攝摄時时書书條条權权歐欧氣气決决淨净溫温滬沪滿满濟济瀾澜燈灯爾尔產产畫画監监盤盘禮礼"
    "種种稅税競竞節节築筑粵粤網网經经緒绪總总聯联職职臨临與与舊旧藝艺藥药處处術术規规親亲計计訂订設设診诊話话該该語语課课調调"
    "論论諸诸謙谦講讲護护讓让豐丰貝贝財财貨货質质購购資资贊赞軟软辦办農农邊边還还郵邮醫医釋释鋼钢錄录閱阅隊队際际險险隨随雙双"
    "雜杂難难霧雾頭头題题類类飯饭館馆駐驻驗验鮮鲜鳥鸟麥麦點点寶宝實实專专將将導导層层島岛峽峡師师帶带幣币廠厂強强彈弹學学"
    "嶺岭岡冈協协勝胜動动勞劳勝胜務务勵励嘯啸圖图團团報报塊块壽寿夢梦奪夺婦妇嬌娇孌娈孝孝對对屬属庫库彥彦徑径從从復复恆恒惠惠"
    "愛爱態态慮虑懷怀懿懿戶户擇择擔担據据換换揚扬搶抢數数斷断於于晉晋會会極极構构標标樂乐檢检欽钦歲岁歷历殘残殺杀沒没況况"
    "泰泰濱滨瀟潇煒炜煥焕熱热獻献獨独現现環环瑤瑶璽玺當当療疗皺皱盛盛祿禄禎祯秋秋稱称積积穩稳窮穷筆笔範范簡简籌筹結结給给"
    "統统綜综緊紧線线練练組组細细縱纵縮缩績绩織织繼继續续習习聞闻聲声聰聪肅肃腦脑膚肤興兴艷艳蓮莲蔭荫薦荐藍蓝蟲虫衆众裝装"
    "製制見见觀观視视覺觉訊讯記记訓训評评詞词試试詩诗誠诚認认誤误說说請请諒谅謂谓識识議议譯译負负貢贡貴贵買买費费貿贸賀贺"
    "賣卖賴赖趨趋跡迹躍跃輕轻載载較较輯辑輸输轉转轄辖辯辩適适遷迁遼辽遺遗鄰邻釀酿鈞钧鈴铃鉑铂鉅钜銓铨銳锐鋪铺錢钱鎖锁鏡镜"
    "鑒鉴鑰钥閃闪間间閒闲閣阁闊阔陰阴隱隐雞鸡離离韻韵響响頁页項项預预頻频顆颗額额飄飘養养餐餐餘余驅驱驕骄魚鱼鷹鹰鹽盐麼么黨党"
)
_SIMPLIFIED = str.maketrans(dict(zip(_PAIRS[::2], _PAIRS[1::2], strict=True)))
_BRACKETS = str.maketrans("〔〕【】", "[][]")


def comparable(text: str) -> str:
    """`text` in one width, without spaces and simplified; brackets and colons narrow."""
    return plain(text).translate(_SIMPLIFIED).translate(_BRACKETS)

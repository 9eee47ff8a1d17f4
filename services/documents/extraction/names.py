"""Whether a value looks like what it should be: a person's name, a company's.

Comes in: a value. Goes out: True, False, or None where nothing is known of its kind. It decides nothing by itself, it
makes a value more or less sure: 间飞颖 is no name that anyone has, 阎飞颖 is. Pure functions.

Source of the surnames: the commonest of 百家姓 and of the reports of the Ministry of Public Security (全国姓名报告), which cover
nearly everybody; whoever has a rarer one is looked at by a person.
"""

from __future__ import annotations

import re

SURNAMES = frozenset(
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘于蒋蔡余杜叶程苏魏吕丁任沈姚卢姜崔钟谭陆汪范金石廖贾夏"
    "韦付方白邹孟熊秦邱江尹薛闫段雷侯龙史陶黎贺顾毛郝龚邵万钱严覃武戴莫孔向汤常温康施文牛樊葛邢安齐易乔伍庞颜倪庄聂章鲁岳翟殷詹申欧耿"
    "关兰焦俞左柳甘祝包宁尚符舒阮柯纪梅童凌毕单季裴霍涂成苗谷盛曲翁冉骆蓝路游辛靳管柴蒙鲍华喻祁蒲房滕屈饶解牟艾尤阳时穆农司卓古吉缪简"
    "车项连芦麦褚娄窦戚岑景党宫费卜冷晏席卫米柏宗瞿桂全佟应臧闵苟邬边卞姬师和仇栾隋商刁沙荣巫寇桑郎甄丛仲虞敖巩明佘池查麻苑迟邝官封谈"
    "匡鞠惠荆乐冀郁胥南班储原栗燕楚鄢劳谌奚皮粟冼蔺楼盘满闻位厉伊仝区郜海阚花权强帅屠豆朴盖练廉禹井祖漆巴丰支卿国狄平计索宣晋相初门"
    "云容敬来扈晁芮都普阙浦戈伏鹿薄邸雍辜羊阿乌母裘亓修邰赫杭况那宿鲜印逯隆茹诺战慕危玉银亢嵇公哈湛宾戎勾茅利於呼居揭干但尉冶斯元束檀"
    "衣信展阴昝智幸奉植衡富尧闭由阎"
)
DOUBLE = (
    "欧阳",
    "上官",
    "司马",
    "诸葛",
    "东方",
    "皇甫",
    "尉迟",
    "公孙",
    "慕容",
    "令狐",
    "夏侯",
    "端木",
    "司徒",
    "南宫",
    "宇文",
    "长孙",
)
_PERSON = re.compile(r"[一-鿿]{2,4}")
_MINORITY = re.compile(r"[一-鿿]{1,8}(?:·[一-鿿]{1,8}){1,3}")
_COMPANY = re.compile(
    r"[一-鿿0-9A-Za-z（）()·]{2,40}(?:公司|店|厂|中心|合作社|事务所|经营部|商行|超市|饭店|酒店|宾馆|酒楼|餐厅|餐馆|食堂|学校|幼儿园|医院"
    r"|诊所|门诊部|协会|基金会|工作室|服务部|美容院|理发室|俱乐部|会所|银行|企业|局|委员会|大学|中学|小学|社|馆|院|部|室|站|铺|坊|行|吧)"
)


def looks_like_a_person(value: str) -> bool:
    """Whether `value` is built like the name of a person: a surname that people have and one or two characters."""
    if _MINORITY.fullmatch(value):
        return True
    if _PERSON.fullmatch(value) is None:
        return False
    return (value[:2] in DOUBLE and len(value) > 2) or (value[0] in SURNAMES and len(value) <= 3)


def looks_like_a_party(value: str) -> bool:
    """Whether `value` is built like the name of a person, or ends as companies, shops and offices do."""
    return looks_like_a_person(value) or _COMPANY.fullmatch(value) is not None

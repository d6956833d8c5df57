"""What is said about price sheets: one table of rules, each with a fault and a remedy in Chinese and English.

Every refusal of a file, a row or a cell is a row of this table, so that both languages say the same, and a rule that a
sender has met can be looked up by its name.
"""

from dataclasses import dataclass
from typing import Final, NamedTuple

SHOWN = 60
"""Most characters of a value that a message repeats."""


class Message(NamedTuple):
    """A fault and its remedy; names in braces are filled in."""

    en: str
    zh: str
    remedy_en: str
    remedy_zh: str


_SAVE = ("save it as an Excel workbook (.xlsx) or CSV", "请另存为Excel工作簿（.xlsx）或CSV")
_PLAIN = ("write a plain number such as 1234.50", "请填写普通数字，例如1234.50")
_DATE = ("write the date as 2024-03-11", "请按2024-03-11的格式填写日期")

MESSAGES: Final[dict[str, Message]] = {
    # The file
    "empty file": Message("the file is empty", "文件为空", "send the file again", "请重新发送文件"),
    "file too large": Message(
        "the file has {value} bytes; at most {limit} are allowed",
        "文件大小为{value}字节，最多允许{limit}字节",
        "split it, or remove pictures from it",
        "请拆分文件，或删除其中的图片",
    ),
    "old excel": Message(
        "this is a workbook of Excel 97-2003 (.xls)",
        "这是Excel 97-2003工作簿（.xls）",
        "save it as .xlsx",
        "请另存为.xlsx",
    ),
    "encrypted": Message(
        "the workbook is protected by a password",
        "工作簿已设置打开密码",
        "remove the password and save it again",
        "请取消密码后重新保存",
    ),
    "macros": Message(
        "the workbook holds macros (.xlsm)",
        "工作簿含有宏（.xlsm）",
        "save it as .xlsx, without macros",
        "请另存为不含宏的.xlsx",
    ),
    "binary workbook": Message("this is a binary workbook (.xlsb)", "这是二进制工作簿（.xlsb）", *_SAVE),
    "other spreadsheet": Message(
        "this is a spreadsheet of another kind ({value})", "这是其他类型的表格（{value}）", *_SAVE
    ),
    "not a sheet": Message("this is {value}, not a price sheet", "这是{value}，不是价格表", *_SAVE),
    "renamed": Message(
        "the name ends in {value}, but the content is {kind}",
        "文件扩展名为{value}，但内容是{kind}",
        "do not rename files: open it and save it in the format that you want",
        "请勿直接修改扩展名：请打开文件后另存为所需格式",
    ),
    "damaged": Message(
        "the workbook is damaged: {value}",
        "工作簿已损坏：{value}",
        "open it in a spreadsheet program, save it and send it again",
        "请用表格软件打开并保存后重新发送",
    ),
    "unpacked too large": Message(
        "the workbook unpacks to {value} bytes; at most {limit} are allowed",
        "工作簿解压后为{value}字节，最多允许{limit}字节",
        "keep the price sheet only",
        "请只保留价格表",
    ),
    "packed too tightly": Message(
        "a part of the workbook unpacks to {value} times its size; at most {limit} times is allowed",
        "工作簿中有内容解压后为原大小的{value}倍，最多允许{limit}倍",
        "delete empty formatted rows, keep the price sheet only and save it again",
        "请删除带格式的空行，只保留价格表后重新保存",
    ),
    "external links": Message(
        "the workbook takes values from other workbooks",
        "工作簿引用了其他工作簿的数据",
        "break the links (keep the values) and save it again",
        "请断开链接（保留数值）后重新保存",
    ),
    "too many sheets": Message(
        "the workbook has {value} sheets; at most {limit} are allowed",
        "工作簿有{value}个工作表，最多允许{limit}个",
        "keep the price sheet only",
        "请只保留价格表",
    ),
    "too many rows": Message(
        "a sheet has more than {limit} rows", "工作表超过{limit}行", "split the sheet", "请拆分工作表"
    ),
    "too many columns": Message(
        "a sheet has more than {limit} columns",
        "工作表超过{limit}列",
        "delete columns that are not of the price sheet",
        "请删除与价格表无关的列",
    ),
    "too many cells": Message(
        "the file has more than {limit} cells", "文件超过{limit}个单元格", "split the file", "请拆分文件"
    ),
    "cell too long": Message(
        "a cell has more than {limit} characters", "单元格超过{limit}个字符", "shorten it", "请缩短内容"
    ),
    "too many texts": Message(
        "the workbook holds more than {limit} texts",
        "工作簿中的文本超过{limit}条",
        "split the workbook",
        "请拆分工作簿",
    ),
    "encoding": Message(
        "the characters cannot be read: byte 0x{value} at position {position}, line {line}, is neither UTF-8, UTF-16 "
        "nor GB18030",
        "字符无法识别：第{line}行、第{position}字节处的0x{value}不是UTF-8、UTF-16或GB18030编码",
        "save the file as CSV UTF-8, or as .xlsx",
        "请另存为“CSV UTF-8”，或.xlsx",
    ),
    "encoding in doubt": Message(
        "the characters can be read in two ways, as UTF-8 and as GB18030: byte 0x{value} at position {position}, "
        "line {line}",
        "字符编码不明确，UTF-8和GB18030均可解读：第{line}行、第{position}字节处的0x{value}",
        "save the file as CSV UTF-8 (with its mark at the start), or as .xlsx",
        "请另存为“CSV UTF-8”（带BOM），或.xlsx",
    ),
    "quoting": Message(
        "record {row} cannot be divided into cells: {value}",
        "第{row}条记录无法拆分为单元格：{value}",
        "close every quotation mark; write a mark inside of a cell twice",
        "请补全引号；单元格内的引号须写两次",
    ),
    "delimiter in doubt": Message(
        "the cells could be divided by {value}",
        "分隔符不明确，可能是{value}",
        "use one delimiter, or save the file as .xlsx",
        "请统一分隔符，或另存为.xlsx",
    ),
    "no header": Message(
        "no header was found in the first {limit} rows: it needs a column for the item and one for the price",
        "前{limit}行中没有找到表头：至少应有品名列和价格列",
        "name the columns as in the template: 产品编号, 品名, 计量单位, 价格, 日期",
        "请按模板填写列名：产品编号、品名、计量单位、价格、日期",
    ),
    # The header
    "column twice": Message(
        "the columns {value} both say {field}", "{value}列均表示“{field}”", "keep one of them", "请只保留一列"
    ),
    "column in doubt": Message(
        "the name {value} may mean {choices}, and the cells below do not settle it",
        "列名“{value}”可能表示{choices}，且列中内容无法判定",
        "call it by its full name: 样本单位 or 计量单位, 产品编号 or 状态",
        "请使用完整列名：样本单位或计量单位、产品编号或状态",
    ),
    "unit not given": Message(
        "the sheet does not say which unit reports",
        "表中没有注明样本单位",
        "add a column 样本单位, or use the unit's own template",
        "请增加“样本单位”列，或使用该单位的专用模板",
    ),
    # Cells
    "no number": Message("{value} is no number", "“{value}”不是数字", *_PLAIN),
    "decimal comma": Message(
        "{value} may be read in two ways: it is not clear whether the comma divides thousands or decimals",
        "“{value}”有歧义：无法判断逗号是千位分隔符还是小数点",
        "write the decimals after a point, and thousands without a mark: 1234.50",
        "小数请用“.”，千位不加分隔符：1234.50",
    ),
    "thousands in doubt": Message(
        "{value} has a comma before three digits, and other prices of this sheet have decimal commas",
        "“{value}”中逗号后有三位数字，而本表其他价格用逗号作小数点",
        "write the decimals after a point, and thousands without a mark: 1234.50",
        "小数请用“.”，千位不加分隔符：1234.50",
    ),
    "leading zero": Message(
        "{value} begins with a zero that does not belong to a number", "“{value}”以多余的0开头", *_PLAIN
    ),
    "several numbers": Message(
        "{value} holds more than one number",
        "“{value}”包含多个数字",
        "give one price, the one of most deals",
        "请只填写一个价格，以成交最多者为准",
    ),
    "exponent": Message(
        "{value} is written with an exponent, which hides digits", "“{value}”为科学计数法，可能丢失数位", *_PLAIN
    ),
    "percent": Message("{value} is a share, not a price", "“{value}”是百分比，不是价格", *_PLAIN),
    "number too long": Message("{value} has too many digits", "“{value}”位数过多", *_PLAIN),
    "no date": Message("{value} is no date", "“{value}”不是日期", *_DATE),
    "date order": Message(
        "{value} may be read in two ways: day and month cannot be told apart", "“{value}”有歧义：无法区分日和月", *_DATE
    ),
    "short year": Message("{value} has no year of four digits", "“{value}”缺少四位年份", *_DATE),
    "no such day": Message("{value} is no day of the calendar", "“{value}”在日历中不存在", *_DATE),
    "wrong weekday": Message("{value}: the day is a {day}", "“{value}”：该日是{day_zh}", *_DATE),
    "measure unknown": Message(
        "the unit of measure {value} is not known",
        "计量单位“{value}”无法识别",
        "write 米 m, 码 yd, 公斤 kg, 吨 t, 平方米 m2, 件 piece, 打 dozen, or pack with its number, as pack 10",
        "请填写：米、码、公斤、吨、平方米、件、打，或注明件数的包，如“包10”",
    ),
    "formula without value": Message(
        "the formula {value} has no stored value",
        "公式“{value}”没有保存计算结果",
        "write the value in place of the formula, or open the file in a spreadsheet program and save it",
        "请用数值代替公式，或用表格软件打开并保存后重新发送",
    ),
    "error value": Message(
        "the cell shows the error {value}", "单元格显示错误值{value}", "write the value", "请填写数值"
    ),
    "date for a number": Message(
        "the cell holds the date {value} where a number belongs; spreadsheet programs turn 3-11 into a date",
        "此处应为数字，但单元格是日期{value}；表格软件会把3-11自动转换为日期",
        "format the cell as a number and write the value again",
        "请将单元格格式设为数值后重新填写",
    ),
    "merged cells": Message(
        "the cell is merged with {value}; only the columns that say who and what may be merged, and only downwards",
        "单元格与{value}合并；只有样本单位、品名、日期、计量单位列可以纵向合并",
        "undo the merge and write a value in each row",
        "请取消合并，并逐行填写",
    ),
    "hidden row": Message(
        "the row is hidden, and its sender may not know of it",
        "该行被隐藏，填报人可能并不知情",
        "show it, or delete it",
        "请取消隐藏或删除该行",
    ),
    "ragged row": Message(
        "the row has {value} cells, the header {limit}",
        "该行有{value}个单元格，表头有{limit}个",
        "write every cell, empty ones too, and put numbers with commas between quotation marks",
        "请补全所有单元格（包括空单元格），带逗号的数字须加引号",
    ),
    # Rows against the registers
    "unit unknown": Message("no unit is called {value}", "没有名为“{value}”的样本单位", "{near_en}", "{near_zh}"),
    "item unknown": Message("no item is called {value}", "没有名为“{value}”的产品", "{near_en}", "{near_zh}"),
    "unit in doubt": Message(
        "{value} names several units: {choices}", "“{value}”对应多个样本单位：{choices}", "give the code", "请填写编号"
    ),
    "item in doubt": Message(
        "{value} names several items: {choices}", "“{value}”对应多个产品：{choices}", "give the code", "请填写编号"
    ),
    "unit missing": Message(
        "the row names no unit", "该行没有样本单位", "give the code of the unit", "请填写样本单位编号"
    ),
    "item missing": Message("the row names no item", "该行没有产品", "give the code of the item", "请填写产品编号"),
    "code and name": Message(
        "the code is {code}, but the name {value} is of {other}",
        "编号是{code}，但名称“{value}”属于{other}",
        "correct the code or the name",
        "请更正编号或名称",
    ),
    "another unit": Message(
        "the row is of unit {value}, but the sheet was sent by {limit}",
        "该行属于样本单位{value}，而本表由{limit}报送",
        "send only your own prices",
        "请只报送本单位的价格",
    ),
    "not assigned": Message(
        "unit {unit} does not report item {value}",
        "样本单位{unit}不报送产品{value}",
        "correct the code, or ask the office to add the item",
        "请更正编号，或联系指数办公室增加该产品",
    ),
    "price missing": Message(
        "there is neither a price nor a code",
        "既没有价格，也没有状态代码",
        "give the price, or one of: 停业 closed, 缺货 out of stock, 替代 substituted",
        "请填写价格，或填写：停业、缺货、替代",
    ),
    "price not above 0": Message(
        "the price {value} is not above 0", "价格{value}不大于0", "give the price", "请填写价格"
    ),
    "price too large": Message(
        "the price {value} has more than {limit} digits before the point", "价格{value}的整数部分超过{limit}位", *_PLAIN
    ),
    "price and code": Message(
        "there is a price, and the code {value} says that there is none",
        "已填写价格，但状态代码“{value}”表示没有价格",
        "remove one of them",
        "请删除其中一项",
    ),
    "status unknown": Message(
        "the code {value} is not known",
        "状态代码“{value}”无法识别",
        "write 停业 closed, 缺货 out of stock or 替代 substituted",
        "请填写：停业、缺货或替代",
    ),
    "type unknown": Message(
        "the type of price {value} is not known",
        "价格类型“{value}”无法识别",
        "write 成交价 deal, 确认报价 firm offer or 挂牌价 asking",
        "请填写：成交价、确认报价或挂牌价",
    ),
    "quantity negative": Message(
        "the quantity {value} is below 0", "数量{value}小于0", "give the quantity", "请填写数量"
    ),
    "other currency": Message(
        "the price {value} is in {other}, not in {limit}",
        "价格{value}的币种是{other}，不是{limit}",
        "give it in {limit}",
        "请按{limit}填写",
    ),
    "two measures": Message(
        "the row says two units of measure: {value}",
        "该行有两个不同的计量单位：{value}",
        "keep the right one",
        "请保留正确的一个",
    ),
    "two scales": Message(
        "the price {value} and the heading of its column both count in thousands or ten thousands",
        "价格“{value}”和列名都使用了千、万等数量单位",
        "write the price as a plain number",
        "请填写普通数字",
    ),
    "other measure": Message(
        "the price is per {value}, the item is priced per {limit}, and {why_en}",
        "价格按{source_zh}计，该产品按{target_zh}计，无法换算：{why_zh}",
        "give the price per {limit}",
        "请按每{target_zh}的价格填写",
    ),
    "outside the period": Message(
        "the date {value} is not in {limit}, which runs from {start} to {end}",
        "日期{value}不在{limit}（{start}至{end}）内",
        "correct the date, or send the row with the sheet of its own period",
        "请更正日期，或随相应期的价格表报送",
    ),
    "row twice": Message(
        "unit and item stand in the rows {value} with different contents",
        "同一样本单位和产品出现在第{value}行，内容不同",
        "keep the right row",
        "请保留正确的一行",
    ),
    "row repeated": Message("the row says the same as row {value}", "该行与第{value}行重复", "delete it", "请删除该行"),
    # Submissions of ODK and KoBo
    "xml damaged": Message(
        "the submission is not well-formed XML: {value}, line {line}",
        "提交内容不是格式正确的XML：第{line}行，{value}",
        "send it again with an unchanged form",
        "请用未经改动的表单重新发送",
    ),
    "xml doctype": Message(
        "the XML declares a document type or entities",
        "XML中含有文档类型或实体声明",
        "send the instance as the form made it, without a declaration",
        "请按表单生成的原样发送，不要附加声明",
    ),
    "xml too deep": Message(
        "groups lie in one another more than {limit} deep",
        "分组嵌套超过{limit}层",
        "use a flatter form",
        "请简化表单的分组",
    ),
    "xml too many": Message(
        "the submission has more than {limit} elements",
        "提交内容超过{limit}个元素",
        "divide it: one submission a shop",
        "请拆分提交：每个摊位一份",
    ),
    "no submission": Message(
        "{value} is no submission of a form",
        "“{value}”不是表单提交",
        "send the instance that the form made",
        "请发送表单生成的数据",
    ),
    "no instance id": Message(
        "the submission has no instanceID",
        "提交内容缺少instanceID",
        "add the question instanceID to the group meta of the form; without it nothing can be known again",
        "请在表单的meta组中加入instanceID，否则无法识别重复提交",
    ),
    "nothing said": Message(
        "the form {value} has no question that names an item, a price or a status, or all of them are empty",
        "表单“{value}”中没有产品、价格或状态问题，或均为空",
        "call the questions unit, item, price, status, as in the office's own form",
        "请按办公室表单命名问题：unit、item、price、status",
    ),
    "no export": Message(
        "the file has no column of instances: KEY, instanceID or _uuid",
        "文件缺少实例编号列：KEY、instanceID或_uuid",
        "export the submissions again with their ids, as CSV or as the ZIP of all tables",
        "请重新导出并包含实例编号，格式为CSV或全部表的ZIP",
    ),
    "no parent": Message(
        "the repetition {value} belongs to no submission of the file",
        "重复组“{value}”在文件中找不到所属提交",
        "send the ZIP with all tables of the export",
        "请发送导出的全部表（ZIP）",
    ),
    "bad archive": Message(
        "the ZIP file cannot be read: {value}", "ZIP文件无法读取：{value}", "export it again", "请重新导出"
    ),
    # Notes: nothing is wrong, but the reader should know
    "converted": Message(
        "{value} per {source} became {price} per {target}", "每{source}{value}已换算为每{target}{price}", "", ""
    ),
    "formula used": Message(
        "the stored value of the formula {value} was used", "已采用公式“{value}”的保存结果", "", ""
    ),
    "rounded": Message(
        "the price {value} was rounded to {limit} decimals", "价格{value}已四舍六入至{limit}位小数", "", ""
    ),
    "scaled": Message(
        "the heading counts in {limit}: {value} became {price}", "列名以{limit}计：{value}记为{price}", "", ""
    ),
    "serial date": Message("the number {value} is the date {date}", "数字{value}为日期{date}", "", ""),
    "merged value": Message(
        "{value} was taken from the merged cells {cells}", "“{value}”取自合并单元格{cells}", "", ""
    ),
    "unknown column": Message(
        "column {column}, {value}, is not known and was not read", "{column}列“{value}”无法识别，未读取", "", ""
    ),
    "heading remark": Message(
        "the remark {value} in the heading of column {column} was not read",
        "{column}列列名中的说明“{value}”未读取",
        "",
        "",
    ),
    "hidden column": Message(
        "column {column}, {value}, is hidden and was read", "{column}列“{value}”被隐藏，但已读取", "", ""
    ),
    "hidden sheet": Message("the hidden sheet {value} was not read", "隐藏的工作表“{value}”未读取", "", ""),
    "sheet without header": Message(
        "the sheet {value} has no header and was not read", "工作表“{value}”没有表头，未读取", "", ""
    ),
}


def shown(value: object) -> str:
    """A value as messages show it: without control characters, and not longer than `SHOWN`."""
    text = "".join(c if c.isprintable() else " " for c in str(value)).strip()
    return text if len(text) <= SHOWN else text[: SHOWN - 1] + "…"


@dataclass(frozen=True, slots=True)
class Fault:
    """A rule that was broken, or a note: its name, and what it says in both languages."""

    rule: str
    message_en: str
    message_zh: str
    remedy_en: str
    remedy_zh: str


def fault(rule: str, **values: object) -> Fault:
    """The fault of a rule, with the values that its texts name."""
    said = {k: shown(v) if k == "value" else str(v) for k, v in values.items()}
    en, zh, remedy_en, remedy_zh = (text.format_map(said) for text in MESSAGES[rule])
    return Fault(rule, en, zh, remedy_en, remedy_zh)


class SheetError(ValueError):
    """A file or a text that cannot be read. The message names the value, the rule and the remedy.

    fault : the same in both languages. rule : its name in `MESSAGES`.
    """

    def __init__(self, rule: str, **values: object) -> None:
        self.fault = fault(rule, **values)
        self.rule = rule
        super().__init__(f"{self.fault.message_en}; {self.fault.remedy_en}")

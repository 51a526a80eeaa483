"""Words of the backtest's report in both languages: names of series, heads of tables, and why a rival does better."""

from __future__ import annotations

from collections.abc import Mapping

from simengine.common.messages import Language

Pair = tuple[str, str]
"""English and Chinese."""

SERIES: Mapping[str, Pair] = {
    "participants": ("participants, employees' pension", "职工养老参保人数"),
    "members": ("members, employees' pension", "职工养老参保职工"),
    "pensioners": ("pensioners, employees' pension", "职工养老离退休人员"),
    "contributions": ("contributions, employees' pension", "职工养老征缴收入"),
    "revenue": ("revenue, employees' pension", "职工养老基金收入"),
    "expenditure": ("expenditure, employees' pension", "职工养老基金支出"),
    "balance": ("balance, employees' pension", "职工养老累计结余"),
    "enterprise_revenue": ("revenue, enterprise pension", "企业养老基金收入"),
    "enterprise_expenditure": ("expenditure, enterprise pension", "企业养老基金支出"),
    "enterprise_balance": ("balance, enterprise pension", "企业养老累计结余"),
    "recorded_accounts": ("recorded accounts", "个人账户记账额"),
    "mean_enterprise_pension": ("mean enterprise pension", "企业月均养老金"),
    "resident_participants": ("participants, resident pension", "居民养老参保人数"),
    "resident_registered": ("registered residents not yet drawing", "居民养老未领取人数"),
    "resident_recipients": ("recipients, resident pension", "居民养老领取人数"),
    "resident_revenue": ("revenue, resident pension", "居民养老基金收入"),
    "resident_expenditure": ("expenditure, resident pension", "居民养老基金支出"),
    "resident_balance": ("balance, resident pension", "居民养老累计结余"),
    "unemployment_insured": ("unemployment insured", "失业保险参保人数"),
    "unemployment_claimants": ("unemployment claimants", "领取失业保险金人数"),
    "unemployment_revenue": ("unemployment revenue", "失业保险基金收入"),
    "unemployment_expenditure": ("unemployment expenditure", "失业保险基金支出"),
    "unemployment_balance": ("unemployment balance", "失业保险累计结余"),
    "injury_insured": ("work-injury insured", "工伤保险参保人数"),
    "injury_revenue": ("work-injury revenue", "工伤保险基金收入"),
    "injury_expenditure": ("work-injury expenditure", "工伤保险基金支出"),
    "injury_balance": ("work-injury balance", "工伤保险累计结余"),
}  # fmt: skip

ADJUSTED: Pair = (
    "pensions were raised by yearly decision (10 % until 2015); the rule is half of wage and half of price growth",
    "养老金逐年由政策调整（2015年前为10%），模型规则为工资与物价增长各半",
)
CARRIED: Pair = (
    "registrations are a share of people outside the employees' scheme; who joins it keeps the old registration longer "
    "than that says, and the share went on rising",
    "居民参保按未参加职工养老的人口比例推算，转入职工养老者实际仍保留登记，且该比例继续上升",
)
CUTS: Pair = (
    "rates were cut from 2015 on, relieved in 2020 and paid back as refunds by decisions enacted after the cut-off",
    "2015年起费率下调、2020年减免和稳岗返还均在截止日之后出台",
)
ADMITTED: Pair = (
    "the public sector was admitted from 2014 to 2018 and late entrants bought years until 2014; at the cut-off "
    "neither their number nor their date was known",
    "2014—2018年机关事业单位并入、2014年前一次性补缴人员，截止日时人数和时间均未知",
)

WAGES: Pair = (
    "wages grew by 10 % and more until 2013 where the rule of the time says 8.5 %; then public employers began to pay "
    "and the contribution base, held at its last share of the wage, recovered",
    "2013年前工资增速在10%以上（当时规则为8.5%），此后机关事业单位开始缴费、缴费基数率回升",
)

REASONS: Mapping[str, Pair] = {
    "participants": ADMITTED, "members": ADMITTED, "pensioners": ADMITTED,
    "contributions": WAGES,
    "revenue": CUTS, "expenditure": ADJUSTED, "mean_enterprise_pension": ADJUSTED,
    "balance": (
        "it adds up the errors of spending (too low) year by year; no rule brings it back",
        "结余逐年累积支出偏低的误差，没有回调机制",
    ),
    "enterprise_revenue": CUTS, "enterprise_expenditure": ADJUSTED,
    "enterprise_balance": ("it adds up the errors of revenue and spending", "累积收入与支出误差"),
    "recorded_accounts": WAGES,
    "resident_participants": CARRIED, "resident_registered": CARRIED,
    "resident_revenue": (
        "provinces raised tiers and subsidies faster than rural income; fewer registered payers (see registrations)",
        "各地缴费档次和补贴提高快于农村收入，且推算的缴费人数偏少",
    ),
    "resident_expenditure": (
        "base pensions were raised by decision, by provinces beyond the national minimum; the rule is a steady growth",
        "基础养老金由政策（含地方加发）提高，模型按固定增长率",
    ),
    "resident_recipients": ("take-up is held at its last level", "领取率保持不变"),
    "resident_balance": ("it adds up the errors of revenue and spending", "累积收入与支出误差"),
    "unemployment_insured": (
        "campaigns of 2019 to 2023 enrolled more employees than the fading growth of the share carries on",
        "2019—2023年扩面使参保增长快于趋缓的比例外推",
    ),
    "unemployment_claimants": (
        "take-up is a share without a cause: claims fell while separations were carried on",
        "领取比例缺乏成因：实际申领下降，模型沿用原离职率",
    ),
    "unemployment_revenue": CUTS, "unemployment_expenditure": CUTS, "unemployment_balance": CUTS,
    "injury_insured": (
        "building sites were insured by project from 2015 on, then growth slowed sooner than the fading rule",
        "2015年起建筑业按项目参保，此后增速放缓快于外推",
    ),
    "injury_revenue": CUTS, "injury_balance": CUTS,
    "injury_expenditure": (
        "cases per insured fell; incidence is held",
        "每参保人工伤率下降，模型保持不变",
    ),
}  # fmt: skip
"""Mechanism the engine lacks, or did not know, where a rival had the smaller error."""

WORDS: Mapping[str, Pair] = {
    "title": ("Backtest of {region}: cut-offs {cutoffs}", "{region}回测：截止年份 {cutoffs}"),
    "scores": ("Errors by series (MAPE, %)", "各指标误差（平均绝对百分比误差，%）"),
    "leads": ("Errors by lead (bias with sign and MAPE, %)", "按预测年限的误差（带符号偏差与绝对误差，%）"),
    "relief": ("Revenue from {cutoff} on, law as known then and as enacted later (error, %)",
               "{cutoff}年起的基金收入：按当时法律与按后来法律（误差，%）"),
    "plan13": ("13th plan: 2020 from 2015, with the information of 2015", "“十三五”：以2015年信息预测2020年"),
    "plan14": ("14th plan: 2024 from 2020, with the information of 2020 (error, %)",
               "“十四五”：以2020年信息预测2024年（误差，%）"),
    "growth": ("Growth of coverage ratios seen before the cut-off (% a year)", "截止日前五年参保比例年均增长（%）"),
    "entry": ("entry after it", "之后的参保进入规则"),
    "entry_pattern": (
        "no solved year: the pressure of the cut-off, found from the entries of the pattern, stays",
        "无求解年份：由历史进入模式反推的截止年压力保持不变",
    ),
    "entry_stays": (
        "{count} solved years ({first}-{last}), fewer than {least}: the last pressure stays",
        "求解年份{count}个（{first}—{last}），不足{least}个：末年压力保持不变",
    ),
    "entry_settles": (
        "{count} solved years ({first}-{last}): the pressure settles at their mean in ten years",
        "求解年份{count}个（{first}—{last}）：压力十年内趋于其平均值",
    ),
    "factors": ("Alignment at the cut-off (factor)", "截止年对齐系数"),
    "reasons": ("Where a rival has the smaller error, and what is missing", "朴素方法更好的指标及所缺机制"),
    "series": ("series", "指标"), "region": ("region", "地区"), "row": ("row", "目标行"), "unit": ("unit", "单位"),
    "indicator": ("indicator", "指标"), "how": ("growth from", "增长来源"), "year": ("year", "年份"),
    "cutoff": ("cut-off", "截止年"), "lead": ("lead", "年限"), "count": ("n", "个数"),
    "printed": ("printed", "公布"), "recalled": ("recalled", "记忆"), "engine": ("engine", "模型"),
    "drift": ("drift", "随机游走"), "shares": ("shares", "固定比例"), "target": ("target", "规划目标"),
    "base": ("2015", "2015年"), "actual": ("actual", "实际"), "bias": ("bias", "偏差"),
    "covered": ("in 80 %", "80%区间"), "draws": ("draws", "抽样区间"),
    "known_law": ("law known", "当时法律"), "later_law": ("law as enacted", "后来法律"),
    "error": ("error %", "误差%"), "smaller": ("smaller error", "误差更小"),
    "missing": ("mechanism missing", "所缺机制"),
    "won": ("{kind} figures: smaller error than drift on {a} of {b} headline series ({c} of {d} of all), than shares "
            "on {e} of {f} ({g} of {h} of all)",
            "{kind}数据：主要指标优于随机游走 {a}/{b}（全部 {c}/{d}），优于固定比例 {e}/{f}（全部 {g}/{h}）"),
    "gates": ("Recalled figures decide nothing.", "记忆数据不作判定依据。"),
    "held": ("80 % interval from errors of earlier cut-offs: held {share:.0%} of {count} (headlines {main:.0%})",
             "由更早截止年误差得出的80%区间：覆盖 {count} 个数据的 {share:.0%}（主要指标 {main:.0%}）"),
    "drawn": ("80 % interval of the draws of the calibration ({draws} a cut-off): held {share:.0%}",
              "参数抽样80%区间（每个截止年{draws}次）：覆盖 {share:.0%}"),
    "undrawn": ("80 % interval of the calibration's draws: not available (no draws)",
                "参数抽样80%区间：暂无（没有抽样）"),
    "planscore": ("{said}: mean absolute error {size:.1f} %, median {median:.1f} %, mean {bias:+.1f} % ({count} rows)",
                  "{said}：平均绝对误差 {size:.1f}%，中位数 {median:.1f}%，平均误差 {bias:+.1f}%（{count}行）"),
    "samerows": ("; engine on the same rows {engine:.1f} %", "；模型在相同行为 {engine:.1f}%"),
    "line": ("Beside a known line: {name}", "与已知预测误差对照：{name}"),
    "line_theirs": ("{name}, for {first}-{last}: mean miss", "{name}（{first}—{last}年）平均误差"),
    "line_own": ("cut-off {first}", "截止年{first}"),
    "line_every": ("all cut-offs, to {most} years", "全部截止年，{most}年以内"),
    "line_growth": ("what came grew, % a year", "实际值年均增长%"),
    "line_source": (
        "The line is [secondary, quoted from a review]: cost, income and reserves. The report was not read. The review "
        "does not say whether its means are of absolute misses; they are read so and stand beside absolute errors.",
        "该线为［二手，引自一篇评述］：支出、收入、结余。未见原报告；评述未说明是否为绝对误差的平均，此处按绝对误差理解并对照。",
    ),
    "line_differs": (
        "The two are not one contest. Theirs is one report, made at its time by the office that keeps the records, on "
        "one programme. Ours are predictions made afterwards, with the information of each cut-off and with rules "
        "formed later, of a scheme that grew as the last column says and took in the public sector from 2014 to 2018. "
        "Theirs ends in {last}, ours with the last known figure; recalled figures count here beside printed ones.",
        "两者并非同一场比较：对方是主管机构当时就单一制度作出的一份报告；本表是事后按各截止年所知信息、用后来形成的规则所作的预测，"
        "对象是增速如末列所示、2014—2018年又并入机关事业单位的制度。对方止于{last}年，本表止于最后已知年份；此处记忆数据与公布数据一并计入。",
    ),
    "line_reserve": (
        "Reserves can be met while cost and income are missed: errors of the two offset each other in the balance. "
        "So its small miss is no proof of the rest, theirs or ours.",
        "支出与收入的误差在结余中会相互抵消，故结余误差小并不证明其余各项准确，双方皆然。",
    ),
    "written": ("written: {path}", "已写入：{path}"),
    "earlier": ("earlier cut-offs, for the spread of errors", "更早截止年（用于误差区间）"),
    "cutoffs": ("cut-offs", "截止年"),
    "draw_stage": ("cut-off {cutoff}, draws", "截止年{cutoff}，抽样"),
    "axis": ("mean absolute error [%]", "平均绝对误差［%］"),
    "leads_axis": ("years after the cut-off", "截止年后的年数"),
    "opening": ("opening of 2015, aligned in full", "2015年期初，完整对齐"),
    "own history": ("own history", "本地区历史"),
    "parent": ("parent's history", "上级地区历史"), "check": ("level only, not scored", "仅核对水平"),
    "no actual": ("no actual printed", "未公布实际值"),
}  # fmt: skip


def word(key: str, lang: Language, **values: object) -> str:
    """One text of the report in a language."""
    return WORDS[key][lang == "zh"].format(**values)


def series_name(series: str, lang: Language) -> str:
    """What a series is called."""
    return SERIES[series][lang == "zh"] if series in SERIES else series


def reason(series: str, lang: Language) -> str:
    """The mechanism missing where a rival does better."""
    return REASONS[series][lang == "zh"] if series in REASONS else ""

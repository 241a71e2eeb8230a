"""Remarks as teachers write them, by subject and level."""

from random import Random

_STRONG = {
    "TV": (
        "Đọc lưu loát, diễn cảm",
        "Đọc trôi chảy, hiểu nội dung bài",
        "Viết chữ đẹp, trình bày sạch sẽ",
        "Dùng từ chính xác, viết câu văn giàu hình ảnh",
        "Nghe - viết tốt, ít mắc lỗi chính tả",
    ),
    "TOAN": (
        "Tính toán nhanh, chính xác",
        "Nắm chắc kiến thức, giải toán có lời văn tốt",
        "Vận dụng tốt kiến thức vào bài toán thực tế",
        "Tư duy nhanh, trình bày bài giải khoa học",
        "Đo lường và nhận biết hình thành thạo",
    ),
    "NN1": (
        "Phát âm rõ, mạnh dạn giao tiếp bằng tiếng Anh",
        "Nghe hiểu tốt, vốn từ phong phú",
        "Nắm vững mẫu câu và vận dụng linh hoạt",
    ),
    "LSDL": (
        "Nhớ và kể lại tốt các sự kiện, nhân vật lịch sử",
        "Đọc bản đồ, lược đồ thành thạo",
        "Hiểu biết tốt về địa phương và các vùng miền",
    ),
    "KH": (
        "Ham tìm hiểu, quan sát và nêu nhận xét tốt",
        "Vận dụng kiến thức khoa học vào đời sống",
        "Thực hành thí nghiệm cẩn thận, giải thích được kết quả",
    ),
    "TH": (
        "Sử dụng máy tính thành thạo, an toàn",
        "Tạo được bài trình chiếu và chương trình đơn giản",
        "Thao tác nhanh, biết tìm kiếm thông tin",
    ),
    "CN": (
        "Làm được sản phẩm thủ công đẹp, đúng quy trình",
        "Sử dụng đồ dùng công nghệ đúng cách, an toàn",
        "Có ý tưởng thiết kế sáng tạo",
    ),
    "DD": (
        "Lễ phép, biết giúp đỡ bạn bè",
        "Thực hiện tốt nội quy và các hành vi đạo đức đã học",
        "Biết nhận lỗi và sửa lỗi",
    ),
    "TNXH": (
        "Quan sát tốt, hiểu biết về tự nhiên và xã hội xung quanh",
        "Biết giữ vệ sinh và bảo vệ môi trường",
        "Nêu được nhiều hiểu biết về gia đình, cộng đồng",
    ),
    "GDTC": (
        "Thực hiện đúng, đẹp các động tác; thể lực tốt",
        "Tích cực luyện tập, phối hợp động tác nhịp nhàng",
        "Nhanh nhẹn, chơi trò chơi vận động đúng luật",
    ),
    "AN": (
        "Hát đúng giai điệu, biểu diễn tự nhiên",
        "Cảm thụ âm nhạc tốt, gõ đệm đúng nhịp",
        "Thuộc lời, hát kết hợp vận động tốt",
    ),
    "MT": (
        "Vẽ có sáng tạo, phối màu hài hòa",
        "Biết tạo hình và trang trí sản phẩm đẹp",
        "Bố cục cân đối, tô màu đều, đẹp",
    ),
    "HDTN": (
        "Tích cực tham gia hoạt động tập thể",
        "Tự tin giới thiệu bản thân, biết hợp tác với bạn",
        "Biết lập kế hoạch và chia sẻ trải nghiệm",
    ),
}
_FAIR = {
    "TV": (
        "Đọc đúng, cần đọc diễn cảm hơn",
        "Nắm được bài, cần rèn thêm chữ viết",
        "Viết được đoạn văn, cần dùng từ phong phú hơn",
    ),
    "TOAN": (
        "Thực hiện được các phép tính, cần cẩn thận hơn",
        "Nắm được kiến thức cơ bản, cần rèn giải toán có lời văn",
        "Biết cách làm, cần trình bày rõ ràng hơn",
    ),
    "NN1": ("Nhớ được từ vựng cơ bản, cần luyện nói nhiều hơn", "Hiểu bài, cần mạnh dạn hơn khi giao tiếp"),
    "LSDL": ("Nắm được nội dung chính, cần đọc thêm bản đồ", "Hiểu bài, cần nhớ kĩ hơn các mốc thời gian"),
    "KH": ("Nắm được kiến thức cơ bản, cần tích cực phát biểu", "Biết quan sát, cần giải thích rõ hơn"),
    "TH": ("Sử dụng được máy tính, cần luyện gõ nhanh hơn", "Thực hiện được thao tác cơ bản, cần tự tin hơn"),
    "CN": ("Làm được sản phẩm, cần cẩn thận hơn", "Nắm được quy trình, cần khéo léo hơn"),
    "DD": ("Ngoan, cần mạnh dạn hơn trong học tập", "Thực hiện được nội quy, cần tự giác hơn"),
    "TNXH": ("Nắm được nội dung bài, cần quan sát kĩ hơn", "Hiểu bài, cần tích cực phát biểu"),
    "GDTC": ("Thực hiện được động tác, cần luyện tập thường xuyên", "Có cố gắng, cần nhanh nhẹn hơn"),
    "AN": ("Hát được bài hát, cần hát đúng nhịp hơn", "Thuộc lời, cần tự tin khi biểu diễn"),
    "MT": ("Hoàn thành sản phẩm, cần tô màu cẩn thận hơn", "Biết vẽ, cần sáng tạo hơn"),
    "HDTN": ("Tham gia đầy đủ hoạt động, cần tự tin hơn", "Biết hợp tác, cần chủ động hơn"),
}
_WEAK = {
    "TV": ("Đọc còn chậm, viết sai nhiều lỗi chính tả; cần luyện đọc và viết thêm trong hè",),
    "TOAN": ("Chưa thuộc bảng nhân, chia; còn nhầm khi tính; cần được giúp đỡ thêm trong hè",),
}
_EXEMPT = "Được miễn học theo giấy xác nhận của cơ quan y tế"
_PRAISE = ("", "", "; có nhiều tiến bộ trong năm học", "; đáng khen", "; cần tiếp tục phát huy")
_QUALITIES = {
    "T": (
        "Yêu quê hương, lễ phép với thầy cô, đoàn kết và biết giúp đỡ bạn",
        "Chăm học, trung thực, có trách nhiệm với việc được giao",
        "Kính trên nhường dưới, tự giác trong học tập và lao động",
    ),
    "D": (
        "Ngoan, hòa đồng với bạn; cần chăm chỉ và tự giác hơn",
        "Biết vâng lời thầy cô; cần có trách nhiệm hơn với việc được giao",
    ),
}
_GENERAL = {
    "T": (
        "Tự học tốt, biết hợp tác với bạn, mạnh dạn nêu ý kiến",
        "Chủ động trong học tập, giao tiếp tự tin, biết giải quyết vấn đề",
        "Tự hoàn thành nhiệm vụ, biết chia sẻ và lắng nghe",
    ),
    "D": (
        "Biết tự học khi được nhắc nhở; cần mạnh dạn trao đổi với bạn",
        "Hợp tác được với bạn; cần tự giải quyết nhiệm vụ học tập",
    ),
}
_SPECIFIC = {
    "T": (
        "Ngôn ngữ phát triển, tính toán nhanh, yêu thích nghệ thuật và vận động",
        "Diễn đạt mạch lạc, vận dụng tốt kiến thức, có năng khiếu thẩm mĩ",
        "Tư duy tốt, khéo léo, thể lực tốt",
    ),
    "D": (
        "Diễn đạt được ý của mình; cần rèn thêm kĩ năng tính toán",
        "Vận dụng được kiến thức cơ bản; cần rèn luyện thể chất thường xuyên",
    ),
}
_HOMEROOM = {
    "excellent": (
        "Em hoàn thành xuất sắc các môn học, gương mẫu trong mọi hoạt động của lớp.",
        "Em học rất tốt, năng động, là tấm gương cho các bạn noi theo.",
    ),
    "good": (
        "Em học tốt, chăm ngoan, tích cực tham gia các hoạt động. Cần tiếp tục phát huy.",
        "Em có ý thức học tập tốt, tiến bộ rõ rệt trong năm học.",
    ),
    "completed": (
        "Em hoàn thành các nội dung học tập; cần mạnh dạn và chăm chỉ hơn trong năm học tới.",
        "Em ngoan, có cố gắng; cần rèn thêm tính cẩn thận khi làm bài.",
    ),
    "not_completed": ("Em ngoan nhưng tiếp thu còn chậm; cần được giúp đỡ và rèn luyện thêm trong hè môn Toán.",),
}


def subject(random: Random, code: str, level: str) -> str:
    """Remark on a subject: what stands out, what is still to be done."""
    if level == "M":
        return f"{_EXEMPT}."
    pool = {"T": _STRONG, "H": _FAIR}.get(level, _WEAK).get(code) or _FAIR[code]
    first = random.choice(pool)
    if level != "T" or random.random() < 0.4:
        return f"{first}."
    second = random.choice([text for text in pool if text != first])
    return f"{first}; {second[0].lower()}{second[1:]}{random.choice(_PRAISE)}."


def conduct(random: Random, kind: str, levels: list[str]) -> str:
    """Remark on qualities ("quality"), general or specific competences."""
    pool = {"quality": _QUALITIES, "general": _GENERAL, "specific": _SPECIFIC}[kind]
    return f"{random.choice(pool['T' if set(levels) == {'T'} else 'D'])}."


def homeroom(random: Random, overall: str) -> str:
    """The homeroom teacher's remark on the year."""
    return random.choice(_HOMEROOM[overall])

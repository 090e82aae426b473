namespace EdgeFace.People;

/// <summary>The authors' own checkpoints.</summary>
static class OfficialModels
{
    public static IReadOnlyList<OfficialModel> All { get; } =
    [
        new("edgeface_base"),
        new("edgeface_s_gamma_05"),
        new("edgeface_xs_gamma_06"),
        new("edgeface_xs_q", 2_993_451, "a31314377876ab9fa2a75e5638bc528efe79fd17d5c9c0a228fb7f846d7581a6"),
        new("edgeface_xxs"),
        new("edgeface_xxs_q", 1_734_661, "46be7cc7e8d6e23501c0627fe5fbef101922ee9b85ccbef476987ab1a320b053"),
    ];

    public static OfficialModel? Find(string name) => All.FirstOrDefault(m => string.Equals(m.Name, name, StringComparison.OrdinalIgnoreCase));
}

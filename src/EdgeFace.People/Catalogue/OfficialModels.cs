namespace EdgeFace.People;

/// <summary>An official checkpoint that <c>edgeface models pull</c> downloads.</summary>
/// <param name="Name">The variant, and the file's stem.</param>
/// <param name="Bytes">Exact size where known.</param>
/// <param name="Sha256">Hash of the file where known.</param>
sealed record OfficialModel(string Name, long? Bytes = null, string? Sha256 = null)
{
    const string Folder = "https://gitlab.idiap.ch/bob/bob.paper.tbiom2023_edgeface/-/raw/master/checkpoints/";

    public Uri Url => new(Folder + Name + ".pt");
}

/// <summary>The authors' own checkpoints. Their weights never lie in this repository: whoever wants them accepts their terms.</summary>
static class OfficialModels
{
    public const string Licence =
        "Official EdgeFace weights, (c) Idiap Research Institute. The code repository that carries them is BSD-3-Clause; "
        + "the authors' model cards for the same weights say CC BY-NC-SA 4.0. "
        + "Where the two differ the stricter one is the safe one: attribution, non-commercial use only, share alike.";

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

using System.Security.Cryptography;

namespace EdgeFace.People;

/// <summary>A checkpoint of the authors of EdgeFace. Its weights never lie in this repository: whoever wants them accepts their terms.</summary>
public sealed record OfficialModel
{
    /// <summary>The terms of all of them.</summary>
    public const string Licence =
        "Official EdgeFace weights, (c) Idiap Research Institute. The code repository that carries them is BSD-3-Clause; "
        + "the authors' model cards for the same weights say CC BY-NC-SA 4.0. "
        + "Where the two differ the stricter one is the safe one: attribution, non-commercial use only, share alike.";

    const string Published = "https://gitlab.idiap.ch/bob/bob.paper.tbiom2023_edgeface/-/raw/master/checkpoints/";

    internal OfficialModel(string name, long? bytes = null, string? sha256 = null) => (Name, Bytes, Sha256) = (name, bytes, sha256);

    /// <summary>The variant.</summary>
    public string Name { get; }

    /// <summary>Exact size where known.</summary>
    public long? Bytes { get; }

    /// <summary>SHA-256 of the file where known, lower-case hexadecimal.</summary>
    public string? Sha256 { get; }

    /// <summary>Where the authors offer it.</summary>
    public Uri Url => new(Published + Name + ".pt");

    /// <summary>Where it lies once it is downloaded.</summary>
    public string Path => System.IO.Path.Combine(ModelCatalogue.Folder, Name + ".pt");

    /// <summary>Whether it is there. That it is whole is checked when it is downloaded.</summary>
    public bool IsDownloaded => File.Exists(Path);

    /// <summary>Whether it is there, and the file is the published one as far as that is known.</summary>
    internal bool IsWhole => IsDownloaded && (Sha256 is null || HashOf(Path) == Sha256);

    internal static string HashOf(string path)
    {
        using var stream = File.OpenRead(path);
        return Convert.ToHexStringLower(SHA256.HashData(stream));
    }
}

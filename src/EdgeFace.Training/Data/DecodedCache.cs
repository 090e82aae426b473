using System.Globalization;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using EdgeFace.Evaluation.Data;
using EdgeFace.Files;
using EdgeFace.Weights;

namespace EdgeFace.Training.Data;

/// <summary>Pictures of a source, decoded once into a file in the cache folder and mapped from there, with numbers of them in another file beside
/// it: the system keeps in memory what it has room for.</summary>
static class DecodedCache
{
    /// <summary>Opens the two files of a source, and makes them where they are missing.</summary>
    /// <param name="images">All pictures of the source.</param>
    /// <param name="kind">The ending of the decoded file.</param>
    /// <param name="numbers">What is added to it for that of the numbers.</param>
    /// <param name="decode">Writes the decoded pictures, and gives the numbers.</param>
    public static (MappedFile Decoded, int[] Numbers) Open(string source, IReadOnlyList<DataImage> images, string cache, string kind, string numbers,
        Func<Stream, int[]> decode)
    {
        var decoded = Path.Combine(cache, $"{Path.GetFileNameWithoutExtension(source.TrimEnd('/'))}-{Identity(source, images)}.{kind}");
        var beside = $"{decoded}.{numbers}";
        if (!File.Exists(decoded) || !File.Exists(beside))
        {
            int[] made = [];
            AtomicFile.Write(decoded, stream => made = decode(stream));
            AtomicFile.Write(beside, stream => stream.Write(MemoryMarshal.AsBytes<int>(made)));
        }
        return (new(decoded), MemoryMarshal.Cast<byte, int>(File.ReadAllBytes(beside)).ToArray());
    }

    // Another source, or one in which a picture was changed, or said to be of somebody else, is decoded anew.
    static string Identity(string source, IReadOnlyList<DataImage> images)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Add(Path.GetFullPath(source), null, File.Exists(source) ? source : null);
        foreach (var image in images) Add(image.Name, image.Person, image.Path);
        return Convert.ToHexStringLower(hash.GetHashAndReset())[..16];

        void Add(string name, string? person, string? path)
        {
            var file = path is null ? null : new FileInfo(path);
            var state = file is null ? "" : string.Create(CultureInfo.InvariantCulture, $"{file.Length} {file.LastWriteTimeUtc.Ticks}");
            hash.AppendData(Encoding.UTF8.GetBytes($"{name}\n{person}\n{state}\n"));
        }
    }
}

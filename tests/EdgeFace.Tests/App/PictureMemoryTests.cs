using EdgeFace.Tests.Support;
using EdgeFace.Vision;

namespace EdgeFace.Tests.App;

/// <summary>However many and large the pictures are, those in memory at once are bounded, in every command.</summary>
public sealed class PictureMemoryTests(ITestOutputHelper output)
{
    // What the program takes besides pictures, and what a pixel takes while it is decoded, with room for the heap.
    const long Program = 300_000_000, BytesOfPixel = 10;

    // Faces so large are searched for in the smallest copies only: what is measured here are the pictures.
    static readonly string[] Quick = ["--min-face", "2000"];

    /// <summary>A GIF of 35 bytes that claims 10,000 x 10,000 pixels.</summary>
    static byte[] Gif() =>
    [
        .. "GIF89a"u8, 0x10, 0x27, 0x10, 0x27, 0x80, 0, 0, 0, 0, 0, 255, 255, 255, 0x2C, 0, 0, 0, 0, 1, 0, 1, 0, 0, 2, 2, 0x44, 1, 0, 0x3B,
    ];

    [Theory, InlineData("detect"), InlineData("enroll")]
    public void Small_files_of_many_pixels_go_one_by_one(string command)
    {
        using var folder = new TempFolder();
        Directory.CreateDirectory(folder["people/p"]);
        for (var i = 0; i < 4; i++) folder.Write($"people/p/{i}.gif", Gif());
        var files = Directory.GetFiles(folder["people/p"]);
        string[] args = command == "detect" ? ["detect", .. files] : ["enroll", List(folder, files), "--gallery", folder["g.db"]];
        IsBounded(100_000_000, [.. args, .. Quick]);
    }

    [Theory, InlineData("align"), InlineData("cluster"), InlineData("enroll")]
    public void Many_ordinary_photos_are_not_in_memory_together(string command)
    {
        using var folder = new TempFolder();
        var photo = JpegBytes.Grey(6000, 4000);
        Directory.CreateDirectory(folder["people/p"]);
        for (var i = 0; i < 16; i++) folder.Write($"people/p/{i}.jpg", photo);
        var files = Directory.GetFiles(folder["people/p"]);
        string[] args = command switch
        {
            "align" => ["align", "-o", folder["crops"], .. files],
            "cluster" => ["cluster", folder["people"]],
            _ => ["enroll", List(folder, files), "--gallery", folder["g.db"]],
        };
        IsBounded(24_000_000, [.. args, .. Quick]);
    }

    static string List(TempFolder folder, string[] files)
        => folder.Write("list.csv", [.. "name,image\n"u8, .. files.SelectMany(f => System.Text.Encoding.UTF8.GetBytes($"p,{f}\n"))]);

    void IsBounded(long largest, string[] args)
    {
        var (code, error, peak) = PeakMemory.Of(args);
        output.WriteLine($"{args[0]}: {peak / 1e6:f0} MB");
        // They were decoded, and show nobody.
        Assert.Contains("no face", error + (code == 1 ? "no face" : ""), StringComparison.Ordinal);
        Assert.InRange(peak, 50_000_000, BytesOfPixel * Math.Max(largest, PixelBudget.OfProcess.Pixels) + Program);
    }

    [Fact]
    public void No_command_decodes_pictures_outside_the_budget()
    {
        var outside = RepositoryFiles.Ending(".cs").Where(f => f.StartsWith("src/EdgeFace.App/", StringComparison.Ordinal))
            .Where(f => RepositoryFiles.Read(f) is var text && (text.Contains("ImageCodec.Load(", StringComparison.Ordinal)
                || text.Contains("ImageCodec.Decode(", StringComparison.Ordinal)));
        Assert.Empty(outside);
    }
}

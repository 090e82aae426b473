using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using EdgeFace.Tests.Support;
using EdgeFace.Vision;

namespace EdgeFace.Tests.App;

/// <summary>embed, detect and align.</summary>
public sealed class PictureCommandTests
{
    static string Photo(string name) => TestData.Sample(name);

    [Fact]
    public void Embeddings_of_the_golden_crops_agree_with_the_reference()
    {
        using var golden = new Golden("edgeface_xs_q.safetensors");
        var order = JsonSerializer.Deserialize<string[]>(File.ReadAllBytes(TestData.Shared("goldens/crops/order.json")))!;
        var files = order.Select(n => TestData.Shared($"goldens/crops/{n}.png"));
        var json = ToolRun.Of(["embed", "--model", TestData.Shared("models/edgeface_xs_q.pt"), "--aligned", "--raw", .. files]).Succeeds().Json;
        var expected = golden["embeddings_float"];
        var rows = json.GetProperty("embeddings").EnumerateArray()
            .Select(e => e.GetProperty("embedding").EnumerateArray().Select(v => v.GetSingle()).ToArray()).ToArray();
        Assert.Equal(12, rows.Length);
        for (var i = 0; i < rows.Length; i++)
        {
            Assert.InRange(Reference.Cosine(expected.AsSpan(i * 512, 512), rows[i]), 0.99999, 1.00001);
            Assert.Equal(expected[i * 512], rows[i][0], 1e-4f);
        }
    }

    [Fact]
    public void The_three_formats_hold_the_same_values()
    {
        using var folder = new TempFolder();
        string[] files = [Photo("chidi-1.jpg"), Photo("dalia-2.jpg")];
        var json = ToolRun.Of(["embed", .. files]).Succeeds().Json;
        Assert.Equal("edgeface.embed.v1", json.GetProperty("schema").GetString());
        var rows = json.GetProperty("embeddings").EnumerateArray().ToArray();
        Assert.Equal(files, rows.Select(r => r.GetProperty("file").GetString()));
        var vectors = rows.Select(r => r.GetProperty("embedding").EnumerateArray().Select(v => v.GetSingle()).ToArray()).ToArray();
        Assert.All(vectors, v => Assert.Equal(1, v.Sum(x => (double)x * x), 1e-5));

        ToolRun.Of(["embed", "--format", "npy", "-o", folder["e.npy"], .. files]).Succeeds();
        var npy = File.ReadAllBytes(folder["e.npy"]);
        Assert.Equal(Encoding.Latin1.GetBytes("\u0093NUMPY\u0001\u0000"), npy[..8]);
        var header = BinaryPrimitives.ReadUInt16LittleEndian(npy.AsSpan(8));
        Assert.Equal(0, (10 + header) % 64);
        Assert.Equal("{'descr': '<f4', 'fortran_order': False, 'shape': (2, 512), }", Encoding.ASCII.GetString(npy, 10, header).TrimEnd());
        Assert.Equal(vectors.SelectMany(v => v), MemoryMarshal.Cast<byte, float>(npy.AsSpan(10 + header)).ToArray());

        var csv = ToolRun.Of(["embed", "--format", "csv", .. files]).Succeeds().Output.TrimEnd('\n').Split('\n');
        Assert.StartsWith("file,left,top,right,bottom,score,e0,e1,", csv[0], StringComparison.Ordinal);
        Assert.Equal(3, csv.Length);
        for (var i = 0; i < 2; i++)
        {
            var cells = csv[i + 1].Split(',');
            Assert.Equal(files[i], cells[0]);
            Assert.Equal(vectors[i], cells[6..].Select(c => float.Parse(c, System.Globalization.CultureInfo.InvariantCulture)));
        }
    }

    [Fact]
    public void One_bad_picture_loses_nothing_of_the_others_but_an_npy_is_not_written()
    {
        using var folder = new TempFolder();
        File.WriteAllText(folder["bad,name.jpg"], "no picture");
        string[] files = [Photo("chidi-1.jpg"), folder["bad,name.jpg"], Photo("dalia-2.jpg")];
        var run = ToolRun.Of(["embed", .. files]);
        Assert.Equal(3, run.ExitCode);
        Assert.Single(run.Error.TrimEnd().Split('\n'));
        Assert.Equal([files[0], files[2]], run.Json.GetProperty("embeddings").EnumerateArray().Select(e => e.GetProperty("file").GetString()));
        Assert.Equal(files[1], Assert.Single(run.Json.GetProperty("errors").EnumerateArray()).GetProperty("file").GetString());
        var npy = ToolRun.Of(["embed", "--format", "npy", "-o", folder["e.npy"], .. files]);
        Assert.Equal(3, npy.ExitCode);
        Assert.Contains("nothing written", npy.Error);
        Assert.False(File.Exists(folder["e.npy"]));
    }

    [Fact]
    public void Every_face_or_the_chosen_one_is_embedded()
    {
        var all = ToolRun.Of("embed", Photo("group.jpg"), "--face", "all").Succeeds().Json.GetProperty("embeddings").EnumerateArray().ToArray();
        Assert.Equal(8, all.Length);
        var third = Assert.Single(ToolRun.Of("embed", Photo("group.jpg"), "--face", "3").Succeeds().Json.GetProperty("embeddings").EnumerateArray());
        Assert.Equal(all[3].GetRawText(), third.GetRawText());
        var none = ToolRun.Of("embed", Photo("group.jpg"));
        Assert.Equal(4, none.ExitCode);
        Assert.Contains("8 faces", none.Error);
        ToolRun.Of("embed", Photo("group.jpg"), "--json", "--format", "csv").Fails(2, "exclude");
        ToolRun.Of("embed", Photo("group.jpg"), "--format", "xml").Fails(2, "xml");
    }

    [Fact]
    public void Detect_lists_faces_with_boxes_landmarks_and_scores()
    {
        var json = ToolRun.Of("detect", Photo("group.jpg"), Photo("igor-1.jpg"), "--json").Succeeds().Json;
        Assert.Equal("edgeface.detect.v1", json.GetProperty("schema").GetString());
        var images = json.GetProperty("images").EnumerateArray().ToArray();
        Assert.Equal([8, 1], images.Select(i => i.GetProperty("faces").GetArrayLength()));
        Assert.Equal((960, 540), (images[0].GetProperty("width").GetInt32(), images[0].GetProperty("height").GetInt32()));
        Assert.Equal(9, ToolRun.Of("detect", Photo("group.jpg")).Succeeds().Output.TrimEnd().Split('\n').Length);
    }

    [Fact]
    public void Detect_without_a_face_has_exit_code_1_and_with_a_bad_picture_3()
    {
        using var folder = new TempFolder();
        ImageCodec.SavePng(new RgbImage(50, 40, new byte[6000]), folder["black.png"]);
        Assert.Contains("no face", ToolRun.Of("detect", folder["black.png"]).Succeeds(1).Output);
        var both = ToolRun.Of("detect", Photo("igor-1.jpg"), folder["missing.png"], "--json");
        Assert.Equal(3, both.ExitCode);
        Assert.Single(both.Json.GetProperty("images").EnumerateArray());
        Assert.Single(both.Json.GetProperty("errors").EnumerateArray());
    }

    [Fact]
    public void Detect_draws_one_picture_to_a_file_and_several_into_a_folder()
    {
        using var folder = new TempFolder();
        ToolRun.Of("detect", Photo("igor-1.jpg"), "--draw", folder["one.png"]).Succeeds();
        RgbImage drawn = ImageCodec.Load(folder["one.png"]), photo = ImageCodec.Load(Photo("igor-1.jpg"));
        Assert.Equal((photo.Width, photo.Height), (drawn.Width, drawn.Height));
        Assert.InRange(drawn.Pixels.ToArray().Zip(photo.Pixels.ToArray()).Count(p => p.First != p.Second), 1000, photo.Pixels.Length / 4);
        ToolRun.Of("detect", Photo("igor-1.jpg"), Photo("igor-2.jpg"), "--draw", folder["many"]).Succeeds();
        Assert.Equal(["igor-1.faces.png", "igor-2.faces.png"], Directory.GetFiles(folder["many"]).Select(Path.GetFileName).Order());
    }

    [Fact]
    public void Align_writes_a_crop_for_every_face_under_names_that_do_not_collide()
    {
        using var folder = new TempFolder();
        Directory.CreateDirectory(folder["other"]);
        File.Copy(Photo("karl-2.jpg"), folder["other/karl-1.jpg"]);
        var json = ToolRun.Of("align", Photo("karl-1.jpg"), folder["other/karl-1.jpg"], Photo("group.jpg"), "-o", folder["crops"], "--json")
            .Succeeds().Json;
        var files = json.GetProperty("crops").EnumerateArray().Select(c => c.GetProperty("crop").GetString()!).ToArray();
        Assert.Equal(["karl-1.png", "karl-1-2.png", .. Enumerable.Range(0, 8).Select(i => $"group.{i}.png")],
            files.Select(f => Path.GetFileName(f)!));
        Assert.All(files, f => Assert.True(ImageCodec.Load(f) is { Width: 112, Height: 112 }));
        Assert.NotEqual(File.ReadAllBytes(files[0]), File.ReadAllBytes(files[1]));
        Assert.Single(ToolRun.Of("align", Photo("group.jpg"), "-o", folder["one"], "--face", "largest").Succeeds().Output.TrimEnd().Split('\n'));
        ToolRun.Of("align", Photo("karl-1.jpg")).Fails(2, "--output");
        ToolRun.Of("align", Photo("karl-1.jpg"), "-o", files[0]).Fails(3);
    }

    [Fact]
    public void Results_do_not_appear_where_they_cannot_be_written()
        => ToolRun.Of("embed", Photo("karl-1.jpg"), "-o", Path.Combine(Photo("karl-1.jpg"), "x.json")).Fails(3);
}

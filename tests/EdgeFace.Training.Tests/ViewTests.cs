using EdgeFace.Tests.Support;
using EdgeFace.Training.Data;

namespace EdgeFace.Training.Tests;

/// <summary>Crops, their order and their changes.</summary>
public sealed class ViewTests
{
    [Fact]
    public void A_round_has_every_crop_once_and_rounds_differ()
    {
        using var data = new CropFolder(people: 5);
        using var crops = data.Open();
        var source = new ViewSource(crops, default, seed: 1);
        int[] First(long round) => [.. Enumerable.Range(0, crops.Count).Select(i => Which(crops, View(source, round * crops.Count + i)))];
        Assert.Equal(Enumerable.Range(0, crops.Count), First(0).Order());
        Assert.Equal(Enumerable.Range(0, crops.Count), First(1).Order());
        Assert.NotEqual(First(0), First(1));
        Assert.NotEqual(First(0), [.. Enumerable.Range(0, crops.Count).Select(i => Which(crops, View(new ViewSource(crops, default, seed: 2), i)))]);
    }

    [Fact]
    public void Workers_in_two_rounds_see_the_order_of_each()
    {
        using var data = new CropFolder(people: 5);
        using var crops = data.Open();
        var count = crops.Count;
        int[][] rounds = [.. Enumerable.Range(0, 3).Select(r => (int[])[.. Enumerable.Range(0, count).Select(i => Source().CropOf(r * count + i))])];
        var source = Source();
        for (var r = 0; r < 2; r++)
            for (var i = 0; i < count; i++)
                Assert.Equal((rounds[r][i], rounds[r + 1][i]), (source.CropOf(r * count + i), source.CropOf((r + 1) * count + i)));

        ViewSource Source() => new(crops, default, seed: 1);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(0.25)]
    [InlineData(0.5)]
    [InlineData(0.9)]
    public void Crops_beside_have_an_even_share_and_rounds_of_their_own(double share)
    {
        using var data = new CropFolder(people: 10);
        using var crops = data.Open();
        int[] chosen = [0, 1, 2, 3, 4, 5, 6], beside = [10, 11, 12];
        var source = new ViewSource(crops, default, seed: 1, chosen, beside, share);
        int[] shown = [.. Enumerable.Range(0, 1000).Select(i => source.CropOf(i))];
        var others = shown.Count(c => c >= 10);
        Assert.Equal((int)(1000 * share), others);
        Assert.All(shown.Chunk(20), part => Assert.InRange(part.Count(c => c >= 10), 20 * share - 1, 20 * share + 1));
        foreach (var (group, of) in new[] { (chosen, shown.Where(c => c < 10)), (beside, shown.Where(c => c >= 10)) })
            foreach (var round in of.Chunk(group.Length).Where(r => r.Length == group.Length)) Assert.Equal(group, round.Order());
    }

    [Theory]
    [InlineData(0.45, false)]
    [InlineData(1.0, false)]
    [InlineData(2.0, true)]
    public void A_view_follows_from_seed_and_number_alone(double strength, bool reference)
    {
        using var data = new CropFolder(people: 4);
        using var crops = data.Open();
        var augmentation = new Augmentation(1, strength, reference);
        ViewSource a = new(crops, augmentation, seed: 3), b = new(crops, augmentation, seed: 3);
        var views = Enumerable.Range(0, 200).Select(i => View(a, i)).ToList();
        for (var i = 199; i >= 0; i--) Assert.Equal(views[i], View(b, i));
        // Nearly every one is changed, and another way each time.
        Assert.True(views.Count(v => Which(crops, v) < 0) > 150);
        Assert.True(views.Select(v => Convert.ToHexString(System.Security.Cryptography.SHA256.HashData(v))).Distinct().Count() > 190);
    }

    [Fact]
    public void Crops_that_are_not_chosen_are_in_no_view()
    {
        using CropFolder data = new(people: 4), others = new(people: 4, first: 10);
        // One crop in common; every third view is a composite.
        File.Copy(Path.Combine(data.Data, "person-2", "1.png"), Path.Combine(others.Data, "person-12", "1.png"), overwrite: true);
        using CropStore crops = data.Open(), otherCrops = others.Open();
        Assert.Equal(crops[5], otherCrops[5]);
        var augmentation = new Augmentation(1, 1, false);
        ViewSource one = new(crops, augmentation, seed: 1, [5]), other = new(otherCrops, augmentation, seed: 1, [5]);
        for (var i = 0; i < 100; i++) Assert.Equal(View(one, i), View(other, i));
    }

    [Fact]
    public void A_composite_has_one_face_above_and_another_below_its_seam()
    {
        var random = new SeededRandom(1, 1);
        for (var t = 0; t < 50; t++)
        {
            byte[] one = Stripes(0), other = Stripes(1), view = [.. one];
            Composite.Apply(view, other, ref random);
            int top = Difference(view, one, 0, 20), bottom = Difference(view, one, 104, 112);
            Assert.True(top == 0 != (bottom == 0), $"{top}, {bottom}");
        }

        // Equal moments, so that matching colours changes nothing.
        static byte[] Stripes(int phase)
            => [.. Enumerable.Range(0, FaceEmbedder.CropBytes).Select(i => (byte)((i / 3 + i / 336 + phase) / 2 % 2 == 0 ? 90 : 160))];
        static int Difference(byte[] a, byte[] b, int from, int to)
            => Enumerable.Range(from * 336, (to - from) * 336).Max(i => Math.Abs(a[i] - b[i]));
    }

    [Fact]
    public void A_warp_without_strength_changes_nothing()
    {
        var random = new SeededRandom(1, 1);
        byte[] crop = new byte[FaceEmbedder.CropBytes], view;
        new Random(1).NextBytes(crop);
        view = [.. crop];
        Warp.Apply(view, 0, ref random);
        Assert.Equal(crop, view);
    }

    [Fact]
    public void Mirroring_twice_is_nothing_and_once_is_the_mirror_image()
    {
        var crop = new byte[FaceEmbedder.CropBytes];
        new Random(1).NextBytes(crop);
        byte[] view = [.. crop];
        Augmentation.Mirror(view);
        for (var c = 0; c < 3; c++) Assert.Equal(crop[(7 * 112 + 3) * 3 + c], view[(7 * 112 + 108) * 3 + c]);
        Augmentation.Mirror(view);
        Assert.Equal(crop, view);
    }

    [Theory]
    [InlineData(200, 100, 50, 60, 1, 150, 200, 50)]
    [InlineData(200, 100, 50, 0, 1.2, 200, 80, 20)]
    [InlineData(90, 90, 90, 20, 1.2, 90, 90, 90)]
    [InlineData(255, 0, 0, 120, 1, 0, 255, 0)]
    public void Hue_and_saturation_are_those_of_the_HSV_model(byte r, byte g, byte b, double degrees, double factor, byte toR, byte toG, byte toB)
    {
        byte[] pixel = [r, g, b];
        ReferenceLoader.HueSaturation(pixel, degrees, factor);
        Assert.All(pixel.Zip((byte[])[toR, toG, toB]), p => Assert.InRange(p.First - p.Second, -1, 1));
    }

    [Fact]
    public void Pictures_of_other_sizes_are_left_out_and_said()
    {
        using var data = new CropFolder(people: 2);
        data.AddOther();
        var said = new List<string>();
        using var crops = data.Open(said.Add);
        Assert.Equal(4, crops.Count);
        Assert.Contains(said, s => s.Contains("1 pictures left out", StringComparison.Ordinal));
    }

    static byte[] View(ViewSource source, long number)
    {
        var view = new byte[FaceEmbedder.CropBytes];
        source.Write(number, view);
        return view;
    }

    // Views are mirrored half of the time.
    static int Which(CropStore crops, byte[] view)
    {
        byte[] mirrored = [.. view];
        Augmentation.Mirror(mirrored);
        for (var i = 0; i < crops.Count; i++)
            if (crops[i].SequenceEqual(view) || crops[i].SequenceEqual(mirrored)) return i;
        return -1;
    }
}

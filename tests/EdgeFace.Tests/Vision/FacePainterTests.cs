using EdgeFace.Tests.Support;
using EdgeFace.Vision;

namespace EdgeFace.Tests.Vision;

public sealed class FacePainterTests
{
    static readonly byte[] Green = [22, 163, 74], Red = [220, 38, 38], Blue = [37, 99, 235];

    static FaceMark Mark(Box box, string caption = "", bool? agrees = null)
    {
        Point At(float x, float y) => new(box.Left + x * box.Width, box.Top + y * box.Height);
        return new(new(box, new(At(0.3f, 0.4f), At(0.7f, 0.4f), At(0.5f, 0.6f), At(0.35f, 0.8f), At(0.65f, 0.8f)), 0.9f), caption, agrees);
    }

    static RgbImage Plain(int width, int height, byte level = 100)
    {
        var pixels = new byte[3 * width * height];
        Array.Fill(pixels, level);
        return new(width, height, pixels);
    }

    static byte[] Pixel(RgbImage image, int x, int y) => image.Pixels.Slice((y * image.Width + x) * 3, 3).ToArray();

    [Fact]
    public void A_box_is_drawn_in_the_colour_of_the_decision_and_nothing_beyond_it()
    {
        foreach (var (agrees, colour) in ((bool?, byte[])[])[(true, Green), (false, Red), (null, Blue)])
        {
            var image = Plain(200, 150);
            var drawn = FacePainter.Draw(image, [Mark(new(50, 40, 150, 120), agrees: agrees)]);
            foreach (var (x, y) in ((int, int)[])[(50, 80), (149, 80), (100, 40), (100, 119)]) Assert.Equal(colour, Pixel(drawn, x, y));
            Assert.Equal([250, 204, 21], Pixel(drawn, 80, 72));
            for (var y = 0; y < 150; y++)
                for (var x = 0; x < 200; x++)
                    if (x is < 48 or > 152 || y is < 38 or > 122) Assert.Equal([100, 100, 100], Pixel(drawn, x, y));
            Assert.Equal(Plain(200, 150).Pixels.ToArray(), image.Pixels.ToArray());
        }
    }

    public static TheoryData<int, int> Sizes => new() { { 1, 1 }, { 1, 700 }, { 3000, 1 }, { 40, 30 } };

    [Theory, MemberData(nameof(Sizes))]
    public void A_box_anywhere_leaves_the_size_and_the_given_picture_as_they_are(int width, int height)
    {
        var image = Plain(width, height);
        foreach (var box in (Box[])[
            new(-9, -9, 5, 5), new(0, 0, width, height), new(-1e30f, -1e30f, 1e30f, 1e30f), new(5, 5, 5, 5), new(9, 9, 1, 1),
            new(float.NaN, 0, 1, 1), new(0, 0, float.PositiveInfinity, 1),
            new(float.NegativeInfinity, float.NaN, float.PositiveInfinity, float.NaN)])
        {
            var drawn = FacePainter.Draw(image, [Mark(box, "0: 0.99", true)]);
            Assert.Equal((width, height), (drawn.Width, drawn.Height));
        }
        var nowhere = Mark(new(float.NegativeInfinity, float.NaN, float.PositiveInfinity, 1), "a");
        Assert.InRange(FacePainter.SideBySide(image, nowhere, image, nowhere, "").Width, 10, 4000);
        Assert.Equal(Plain(width, height).Pixels.ToArray(), image.Pixels.ToArray());
        Assert.Equal(image.Pixels.ToArray(),
            FacePainter.Draw(image, [Mark(new(-500, -500, -400, -400)), Mark(new(9000, 9000, 9100, 9100))]).Pixels.ToArray());
    }

    [Fact]
    public void A_caption_stays_inside_the_picture_wherever_the_box_is()
    {
        foreach (var (left, top) in ((float, float)[])[(-900, -900), (900, -900), (-900, 900), (900, 900)])
        {
            var drawn = FacePainter.Draw(Plain(100, 80), [Mark(new(left, top, left + 10, top + 10), "ab", true)]);
            var back = Enumerable.Range(0, 8000).Count(i => Pixel(drawn, i % 100, i / 100).SequenceEqual(Green));
            var letters = Enumerable.Range(0, 8000).Count(i => Pixel(drawn, i % 100, i / 100).SequenceEqual((byte[])[255, 255, 255]));
            // Two letters of 6 x 7 and a margin of one pixel around them.
            Assert.Equal(13 * 9, back + letters);
            Assert.InRange(letters, 20, 50);
        }
    }

    /// <summary>Rows of faces as close as photographs of groups have them, and what a caption may cover of the faces that are not its own.</summary>
    [Theory]
    [InlineData(60, 20, 0)]
    [InlineData(60, 8, 0)]
    [InlineData(30, 40, 0)]
    public void A_caption_covers_no_other_face_and_no_other_caption(int face, int gap, float most)
    {
        List<Box> faces = [];
        for (var y = 0; y < 4; y++)
            for (var x = 0; x < 5; x++)
                faces.Add(new(x * (face + gap), y * (face + gap), x * (face + gap) + face, y * (face + gap) + face));
        var side = 5 * (face + gap);
        var places = CaptionPlaces.Of(faces, [.. faces.Select(_ => (face - 2f, 9f))], side, side, 1);
        for (var i = 0; i < places.Length; i++)
        {
            Assert.True(places[i].Left >= 0 && places[i].Top >= 0 && places[i].Right <= side && places[i].Bottom <= side);
            var others = faces.Where((_, j) => j != i).Sum(places[i].Intersection);
            Assert.InRange(others + places.Where((_, j) => j != i).Sum(places[i].Intersection), 0, most);
        }
    }

    [Fact]
    public void A_caption_goes_above_its_face_unless_another_is_there_and_covers_least_where_all_is_taken()
    {
        Box own = new(40, 40, 80, 80);
        Assert.Equal(new Box(39, 30, 69, 40), CaptionPlaces.Of([own], [(30, 10)], 200, 200, 1)[0]);
        Assert.Equal(new Box(39, 80, 69, 90), CaptionPlaces.Of([own, new(0, 0, 200, 39)], [(30, 10), default], 200, 200, 1)[0]);
        // Everything but a strip below is another's, and the caption is too wide for its own face.
        var crowded = CaptionPlaces.Of(
            [own, new(0, 0, 200, 39), new(0, 85, 200, 200), new(0, 39, 40, 85), new(80, 39, 200, 85)],
            [(60, 10), default, default, default, default], 200, 200, 1)[0];
        Assert.Equal(new Box(39, 70, 99, 80), crowded);
    }

    [Fact]
    public void Characters_without_a_picture_are_question_marks()
        => Assert.Equal(Drawn("??? ?").Pixels.ToArray(), Drawn("\u00E9\0\u4E16 \uD800").Pixels.ToArray());

    static RgbImage Drawn(string caption) => FacePainter.Draw(Plain(100, 80), [Mark(new(10, 30, 50, 70), caption)]);

    [Fact]
    public void Captions_without_end_are_cut_off()
    {
        var caption = new string('x', 20_000_000);
        var before = GC.GetAllocatedBytesForCurrentThread();
        Assert.Equal(100, Drawn(caption).Width);
        var image = Plain(100, 100);
        var both = FacePainter.SideBySide(image, Mark(new(1, 1, 9, 9), caption), image, Mark(new(1, 1, 9, 9), caption), caption);
        Assert.InRange(both.Width, 960, 4000);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 10_000_000);
    }

    [Fact]
    public void Two_pictures_stand_beside_each_other_at_one_height()
    {
        var both = FacePainter.SideBySide(Plain(50, 100, 40), Mark(new(20, 40, 30, 60)), Plain(300, 200, 220), Mark(new(100, 50, 200, 150)), "same");
        Assert.Equal((240 + 8 + 720, 480 + 45), (both.Width, both.Height));
        Assert.Equal([40, 40, 40], Pixel(both, 5, 240));
        Assert.Equal([40, 40, 40], Pixel(both, 239, 475));
        Assert.Equal([220, 220, 220], Pixel(both, 248, 5));
        Assert.Equal([220, 220, 220], Pixel(both, 967, 475));
        // The right face's box, 100 to 200 of 300 pixels, in a panel 2.4 times as large.
        Assert.Equal(Blue, Pixel(both, 248 + 240, 240));
        Assert.Equal(Blue, Pixel(both, 248 + 480, 240));
    }
}

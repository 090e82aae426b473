using EdgeFace.Tests.Support;
using EdgeFace.Vision;
using EdgeFace.Vision.Detection;

namespace EdgeFace.Tests.Vision;

/// <summary>Faces that the gate refuses are looked at again, the other ways up; crops of dark and flat pictures are stretched.</summary>
public sealed class SecondLookTests : IDisposable
{
    static readonly string[] Portraits
        = [.. Directory.GetFiles(Path.GetDirectoryName(TestData.Sample("group.jpg"))!, "*-?.jpg").Order(StringComparer.Ordinal)];

    readonly ModelFile _model = DefaultModels.OpenRecogniser();
    readonly FaceEmbedder _embedder;
    readonly FaceDetector _detector = new(DefaultModels.OpenDetector(), DefaultModels.OpenRefiner());
    readonly FaceAnalyzer _analyzer;
    readonly float _threshold;

    public SecondLookTests()
    {
        _embedder = new(_model);
        _analyzer = new(_detector, _embedder);
        _threshold = (float)_model.Card.ThresholdFor(1e-4)!.OneCrop;
    }

    public void Dispose()
    {
        _embedder.Dispose();
        _detector.Dispose();
        _model.Dispose();
    }

    public static TheoryData<int?> Angles => new() { 90, 180, 270, 45, (int?)null };

    [Theory, MemberData(nameof(Angles))]
    public void Every_turned_sample_is_found_and_named_right(int? degrees)
    {
        var random = new Random(7);
        Assert.Equal(24, Portraits.Length);
        var upright = Portraits.Select(file =>
            (Person: Person(file), File: file, Face: Assert.Single(_analyzer.Analyze(ImageCodec.Load(file))))).ToArray();
        foreach (var (person, file, face) in upright)
        {
            var angle = degrees ?? 360 * random.NextDouble();
            var (turned, to) = TurnedFaceTests.Rotate(ImageCodec.Load(file), angle);
            var found = Assert.Single(_analyzer.Analyze(turned), f => f.Gate.IsRecognisable);
            var named = upright.Where(u => u.File != file).MaxBy(u => u.Face.Embedding.Score(found.Embedding));
            Assert.True(named.Person == person && named.Face.Embedding.Score(found.Embedding) >= _threshold,
                $"{file} turned by {angle:f0}: {named.File}");
            Assert.All(upright.Where(u => u.Person != person),
                u => Assert.True(u.Face.Embedding.Score(found.Embedding) < _threshold, $"{file} and {u.File}"));
            // The roll runs over the full circle; box and landmarks are those of the picture as it was taken.
            var roll = (found.Quality.Pose!.Value.Roll - face.Quality.Pose!.Value.Roll - angle) % 360;
            Assert.InRange(Math.Abs(roll > 180 ? roll - 360 : roll < -180 ? roll + 360 : roll), 0, 12);
            var (expected, nose) = (to.Apply(face.Face.Landmarks.Nose), found.Face.Landmarks.Nose);
            Assert.InRange(Math.Abs(expected.X - nose.X) + Math.Abs(expected.Y - nose.Y), 0, 0.15 * face.Face.Box.Width);
        }
    }

    [Theory, InlineData(90), InlineData(180), InlineData(270)]
    public void One_face_is_the_same_face_as_all_of_them(int degrees)
    {
        var turned = TurnedFaceTests.Rotate(ImageCodec.Load(Portraits[0]), degrees).Image;
        var all = _analyzer.Analyze(turned);
        Assert.Equal(all[0].Face, _analyzer.Single(turned).Face);
        Assert.Equal(all.MaxBy(f => f.Face.Box.Area)!.Face, _analyzer.Single(turned, FaceChoice.Largest).Face);
        Assert.Equal(all[0].Face, _analyzer.Single(turned, FaceChoice.At(0)).Face);
    }

    [Theory, InlineData(0), InlineData(1), InlineData(2), InlineData(3)]
    public void Everybody_of_a_turned_group_is_named_and_has_the_same_number_however_one_is_chosen(int quarters)
    {
        var picture = Spoilt.Turned(ImageCodec.Load(TestData.Sample("group.jpg")), quarters);
        var all = _analyzer.Analyze(picture);
        for (var i = 0; i < all.Count; i++) Assert.Equal(all[i].Face, _analyzer.Single(picture, FaceChoice.At(i)).Face);
        Assert.Equal(all.MaxBy(f => f.Face.Box.Area)!.Face, _analyzer.Single(picture, FaceChoice.Largest).Face);
        Assert.Equal(all.Select(f => f.Face), Assert.Throws<SeveralFacesException>(() => _analyzer.Single(picture)).Faces);
        var people = Portraits.Select(file => (Person: Person(file), Face: _analyzer.Analyze(ImageCodec.Load(file))[0])).ToArray();
        var named = all.Where(f => f.Gate.IsRecognisable).Select(f => people.MaxBy(p => p.Face.Embedding.Score(f.Embedding)))
            .Zip(all.Where(f => f.Gate.IsRecognisable))
            .Where(p => p.First.Face.Embedding.Score(p.Second.Embedding) >= _threshold).Select(p => p.First.Person);
        Assert.Equal(8, named.Distinct().Count());
    }

    [Fact]
    public void Somebody_upright_and_somebody_upside_down_in_one_picture_are_both_named()
    {
        RgbImage left = ImageCodec.Load(TestData.Sample("adam-1.jpg")), right = Spoilt.Turned(ImageCodec.Load(TestData.Sample("bella-1.jpg")), 2);
        var found = _analyzer.Analyze(Spoilt.Beside(left, right)).Where(f => f.Gate.IsRecognisable).OrderBy(f => f.Face.Box.Left).ToArray();
        Assert.Equal(2, found.Length);
        foreach (var (name, face) in ((string, AnalyzedFace)[])[("adam-2.jpg", found[0]), ("bella-2.jpg", found[1])])
            Assert.InRange(_analyzer.Analyze(ImageCodec.Load(TestData.Sample(name)))[0].Embedding.Score(face.Embedding), _threshold, 1);
    }

    [Fact]
    public void A_turned_face_is_found_also_where_all_that_was_found_upright_is_refused()
    {
        // Somebody whom nobody can recognise any more, beside a turned face that is not found upright.
        var blurred = Spoilt.Blurred(ImageCodec.Load(TestData.Sample("adam-1.jpg")), 12);
        var tried = 0;
        foreach (var file in Portraits)
        {
            var picture = Spoilt.Beside(blurred, Spoilt.Turned(ImageCodec.Load(file), 3));
            if (_detector.Detect(picture) is not [var only] || only.Box.Left > blurred.Width) continue;
            tried++;
            var found = Assert.Single(_analyzer.Analyze(picture), f => f.Gate.IsRecognisable);
            Assert.InRange(found.Face.Box.Left, blurred.Width, picture.Width);
            Assert.InRange(_analyzer.Analyze(ImageCodec.Load(file))[0].Embedding.Score(found.Embedding), _threshold, 1);
        }
        Assert.InRange(tried, 1, Portraits.Length);
    }

    [Fact]
    public void Faces_that_the_gate_is_sure_of_and_that_lie_upright_stay_as_they_were_detected()
    {
        var sure = 0;
        foreach (var file in (string[])[.. Portraits, TestData.Sample("group.jpg")])
        {
            var picture = ImageCodec.Load(file);
            var detected = _detector.Detect(picture);
            if (!_analyzer.Embed(picture, detected).All(f => _analyzer.Gate.IsSure(f.Gate))) continue;
            sure++;
            Assert.Equal(detected, _analyzer.Analyze(picture).Select(f => f.Face));
        }
        Assert.InRange(sure, 23, 25);
    }

    [Fact]
    public void What_cannot_be_recognised_stays_refused_as_it_was_detected()
    {
        var picture = Spoilt.Blurred(ImageCodec.Load(TestData.Sample("adam-1.jpg")), 12);
        var face = Assert.Single(_analyzer.Analyze(picture));
        Assert.False(face.Gate.IsRecognisable);
        Assert.Equal(Assert.Single(_detector.Detect(picture)), face.Face);
    }

    [Theory]
    [InlineData(0.15, 0, 24)]
    [InlineData(0.1, 0, 24)]
    [InlineData(0.05, 0, 23)]
    [InlineData(0.1, 110, 24)]
    public void A_dark_or_flat_sample_is_named_right(double factor, double offset, int named)
    {
        var upright = Portraits.Select(file => (Person: Person(file), File: file, Face: _analyzer.Analyze(ImageCodec.Load(file))[0])).ToArray();
        foreach (var (person, file, _) in upright)
        {
            if (_analyzer.Analyze(Spoilt.Levels(ImageCodec.Load(file), factor, offset)) is not [{ Gate.IsRecognisable: true } found]) continue;
            foreach (var other in upright.Where(u => u.File != file && u.Face.Embedding.Score(found.Embedding) >= _threshold))
            {
                Assert.True(other.Person == person, $"{file} and {other.File}");
                named--;
            }
        }
        Assert.Equal(0, named);
    }

    [Fact]
    public void Only_crops_of_dark_and_flat_pictures_are_stretched_and_what_lies_outside_stays_black()
    {
        var crop = _analyzer.Analyze(ImageCodec.Load(Portraits[0]))[0].Crop.ToArray();
        Assert.Equal(crop, Stretched(crop));
        Assert.Equal(new byte[crop.Length], Stretched(new byte[crop.Length]));
        byte[] grey = [.. Enumerable.Repeat((byte)90, crop.Length)];
        Assert.Equal(grey, Stretched(grey));
        // From 100 to 120, and a border below: from 20 to 210.
        byte[] flat = [.. Enumerable.Range(0, crop.Length).Select(i => i >= 336 * 100 ? (byte)0 : (byte)(100 + i / 3 % 21))];
        var stretched = Stretched(flat);
        for (var i = 0; i < flat.Length; i++)
            Assert.InRange(stretched[i],
                flat[i] == 0 ? 0 : 20 + (flat[i] - 100) * 9.5 - 0.51, flat[i] == 0 ? 0 : 20 + (flat[i] - 100) * 9.5 + 0.51);

        static byte[] Stretched(byte[] crop)
        {
            byte[] copy = [.. crop];
            CropTone.Stretch(copy);
            return copy;
        }
    }

    [Theory, InlineData(400, 300, 40), InlineData(1000, 700, 260), InlineData(60, 50, 30)]
    public void What_is_found_in_a_part_of_a_picture_lies_where_the_part_was(int width, int height, int face)
    {
        // Each pixel tells where it is.
        var pixels = new byte[3 * width * height];
        for (var i = 0; i < width * height; i++)
            (pixels[3 * i], pixels[3 * i + 1]) = ((byte)(i % width * 255 / width), (byte)(i / width * 255 / height));
        var picture = new RgbImage(width, height, pixels);
        var box = new Box(width / 2f, height / 3f, width / 2f + face, height / 3f + face);
        foreach (var part in (CutOut[])[CutOut.Around(picture, box)!, CutOut.Whole(picture)!])
            foreach (var looked in (CutOut[])[part, part.TurnedByEighth()])
            {
                var middle = new Point((looked.Image.Width - 1) / 2f, (looked.Image.Height - 1) / 2f);
                var around = new Box(middle.X - 4, middle.Y - 4, middle.X + 4, middle.Y + 4);
                var at = looked.ToPicture(new(around, new(middle, middle, middle, middle, middle), 1));
                var pixel = looked.Image.Pixels.Slice(3 * ((int)(middle.Y + 0.5f) * looked.Image.Width + (int)(middle.X + 0.5f)), 2);
                Assert.InRange(at.Landmarks.Nose.X * 255 / width - pixel[0], -3 - 255f / width, 3 + 255f / width);
                Assert.InRange(at.Landmarks.Nose.Y * 255 / height - pixel[1], -3 - 255f / height, 3 + 255f / height);
                Assert.Equal((at.Box.Left + at.Box.Right) / 2, at.Landmarks.Nose.X, 1e-2f);
            }
        Assert.Null(CutOut.Around(picture, new(-500, -500, -400, -400)));
    }

    static string Person(string file) => Path.GetFileName(file).Split('-')[0];
}

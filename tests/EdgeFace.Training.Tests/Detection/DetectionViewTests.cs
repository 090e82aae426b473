using EdgeFace.Tests.Support;
using EdgeFace.Training.Detection;
using EdgeFace.Vision;

namespace EdgeFace.Training.Tests.Detection;

/// <summary>What is trained on: no picture of a test part, the same view for the same number, and faces where the picture shows them.</summary>
public sealed unsafe class DetectionViewTests
{
    [Fact]
    public void Pictures_of_other_sets_than_train_are_left_out()
    {
        using var folder = new PictureFolder();
        var told = new List<string>();
        using (var store = folder.Open(told.Add))
        {
            Assert.Equal(4, store.Count);
            Assert.True(store.Faces.Count >= 4);
        }
        Assert.Contains(told, t => t.Contains("1 pictures of other sets than 'train' are left out", StringComparison.Ordinal));
        // Of a list without such a field all pictures are taken.
        File.WriteAllLines(folder.List, File.ReadAllLines(folder.List).Select(l => l[..l.LastIndexOf(", \"set\"", StringComparison.Ordinal)] + "}"));
        using (var store = folder.Open()) Assert.Equal(5, store.Count);
    }

    [Theory]
    [InlineData(DetectorLayers.Detector)]
    [InlineData(DetectorLayers.Refiner)]
    public void A_view_follows_from_its_number_alone(string network)
    {
        using var folder = new PictureFolder();
        using var store = folder.Open();
        var (forward, backward) = (Views(Enumerable.Range(0, 12)), Views(Enumerable.Range(0, 12).Reverse()));
        for (var i = 0; i < forward.Length; i++) Assert.Equal(forward[i], backward[^(i + 1)]);
        Assert.Equal(forward.Length, forward.Distinct().Count());

        string[] Views(IEnumerable<int> numbers)
        {
            using var views = SmallDetection.Views(network, store);
            var (view, targets) = (new byte[3 * views.Side * views.Side], new float[views.TargetValues]);
            return [.. numbers.Select(n =>
            {
                views.Write(n, view, targets);
                return $"{Hash(view)} {Hash(System.Runtime.InteropServices.MemoryMarshal.AsBytes<float>(targets))}";
            })];
        }

        static string Hash(ReadOnlySpan<byte> bytes) => Convert.ToHexString(System.Security.Cryptography.SHA256.HashData(bytes));
    }

    [Theory]
    [InlineData(1.0, 0, false)]
    [InlineData(0.6, 25, true)]
    [InlineData(2.7, -15, true)]
    public void Faces_lie_where_they_are_drawn(double scale, double degrees, bool mirrored)
    {
        const int side = 96, size = 240;
        // A white square of 13 pixels on black, whose middle is the right eye.
        var eye = new Point(150, 92);
        var pixels = new byte[3 * size * size];
        for (var y = 86; y < 99; y++) pixels.AsSpan(3 * (y * size + 144), 39).Fill(255);
        var face = new KnownFace(new(90, 60, 180, 170), new(new(110, 94), eye, new(131, 114), new(114, 140), new(148, 139)), true);
        fixed (byte* at = pixels)
        {
            var picture = new Picture((nint)at, size, size, [face]);
            var toPicture = Affine.Around((50, 40), (eye.X, eye.Y), scale, degrees * Math.PI / 180, mirrored);
            var window = new byte[3 * side * side];
            using var painter = new Painter();
            painter.Draw(picture, toPicture, new(0, 0, side, side), window, side);
            double sum = 0, x = 0, y = 0;
            for (var i = 0; i < side * side; i++)
                (sum, x, y) = (sum + window[3 * i], x + window[3 * i] * (i % side), y + window[3 * i] * (i / side));
            var moved = face.Moved(toPicture.Inverse()).Landmarks;
            // Mirrored, the right eye is on the left.
            var found = mirrored ? moved.LeftEye : moved.RightEye;
            Assert.Equal(x / sum, found.X, 0.3);
            Assert.Equal(y / sum, found.Y, 0.3);
        }
    }

    [Fact]
    public void A_window_says_of_a_sample_what_the_teacher_says_of_it()
    {
        using var folder = new PictureFolder();
        using var store = folder.Open();
        using var views = SmallDetection.Views(DetectorLayers.Detector, store);
        var (view, targets) = (new byte[3 * views.Side * views.Side], new float[views.TargetValues]);
        var sure = 0;
        for (var n = 0; n < 24; n++)
        {
            views.Write(n, view, targets);
            for (var c = 0; c < targets.Length; c += CellTarget.Values)
            {
                Assert.InRange(targets[c], 0, 1);
                Assert.All(targets[c..(c + CellTarget.Values)], t => Assert.True(float.IsFinite(t)));
                if (targets[c] > 0.8) sure++;
            }
        }
        // Portraits: there is hardly a window without one.
        Assert.True(sure > 24, $"{sure} cells of faces");
    }

    [Fact]
    public void A_folder_brings_in_no_picture_that_is_measured_on()
    {
        using var folder = new PictureFolder();
        using (var store = Open(null)) Assert.Equal(4 + 4, store.Count);
        using (var store = Open("web-1.png")) Assert.Equal(4 + 3, store.Count);

        PictureStore Open(string? measured)
            => PictureStore.Open([folder.Faces], [folder.Faces], folder.File("cache"), _ => { },
                EdgeFace.Evaluation.Data.AnnotatedPictures.Read(folder.List).Pictures.Select(p => p.Image).Where(i => i.Name == measured),
                TestContext.Current.CancellationToken);
    }

    [Fact]
    public void A_patch_moves_landmarks_to_where_the_teacher_sees_them()
    {
        using var folder = new PictureFolder();
        using var store = folder.Open();
        using var detector = DetectorModuleTests.Open(DetectorLayers.Detector);
        using var teacher = ModelFile.Open(TestData.Shared("onnx/yunet_2026may.onnx"));
        using var mining = new FaceMining(store, detector, teacher, 1);
        for (var i = 0; i < store.Count; i++)
        {
            var faces = mining[i].Where(m => m.Score == 1).ToArray();
            Assert.NotEmpty(faces);
            Assert.Contains(faces, f => f.Truth is { } truth && Math.Abs(truth.LeftEye.X - store[i].Faces[0].Landmarks.LeftEye.X) < 6);
            Assert.All(mining[i], m => Assert.InRange(m.Score, 0, 1));
        }
    }
}

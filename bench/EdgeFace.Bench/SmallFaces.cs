using EdgeFace.Evaluation;
using EdgeFace.Evaluation.Data;
using EdgeFace.Kernels;
using EdgeFace.Vision;
using EdgeFace.Vision.Detection;

namespace EdgeFace.Bench;

/// <summary>
/// What decides where the finest look goes (docs/detector.md): which faces leave traces at half their size, how much of the pictures is looked at
/// finely, and which small faces of a large photo are found.
/// </summary>
static unsafe class SmallFaces
{
    const int Width = 4000, Height = 3000, MostPhotos = 60;

    static readonly double[] Bounds = [6, 8, 10, 12, 16, 24, 48];

    public static int Run(bool train)
    {
        using ModelFile stage1 = DefaultModels.OpenDetector(), stage2 = DefaultModels.OpenRefiner();
        var set = train ? "train" : "test";
        AnnotatedPicture[] pictures = [.. AnnotatedPictures.Read(BenchData.Shared("faces/faces.jsonl")).Pictures.Where(p => p.Fields["set"] == set)];
        Console.WriteLine($"Pictures of the {set} part with a longer side above 400 pixels. "
            + "Faces by their width at half the size, and of how many a");
        Console.WriteLine("cell whose centre lies in the box or within 4 pixels of it is a trace.");
        Console.WriteLine();
        Console.WriteLine("| width at half the size | faces | leave a trace |");
        Console.WriteLine("|---|---|---|");
        using var network = new DetectorNetwork(stage1, KernelSet.Default);
        using var memory = new SearchMemory(network, null, KernelSet.Default);
        var search = new FaceSearch(network, default);
        int[] faces = new int[Bounds.Length], seen = new int[Bounds.Length];
        double fine = 0, whole = 0, cells = 0, elsewhere = 0;
        var looks = 0;
        foreach (var picture in pictures)
        {
            var image = ImageCodec.Decode(picture.Image.Read());
            if (Math.Max(image.Width, image.Height) <= 400) continue;
            fixed (byte* pixels = image.Pixels)
            {
                memory.Pyramid.Begin(pixels, image.Width, image.Height);
                search.Run(memory);
                fine += memory.Regions.Sum(r => r.Area);
                looks += memory.Regions.Count;
                whole += (double)image.Width * image.Height;
                var traces = TracesOf(network, memory);
                var boxes = picture.Faces.Select(f => f.Extent()).ToList();
                foreach (var box in boxes)
                    if (Array.FindLastIndex(Bounds, b => box.Width / 2 >= b) is >= 0 and var size && size < Bounds.Length - 1)
                    {
                        faces[size]++;
                        if (traces.Any(t => Shows(t, box))) seen[size]++;
                    }
                cells += (image.Width / 16) * (image.Height / 16);
                elsewhere += traces.Count(t => !boxes.Any(b => Shows(t, b)));
            }
        }
        for (var i = 0; i < Bounds.Length - 1; i++)
            Console.WriteLine($"| {Bounds[i]} to {Bounds[i + 1]} | {faces[i]} | {(double)seen[i] / faces[i]:P1} |");
        Console.WriteLine();
        Console.WriteLine($"Traces elsewhere: {elsewhere / cells:P1} of all cells. "
            + $"Looked at finely: {fine / whole:P0} of the pixels, in {looks} looks.");
        Console.WriteLine();
        using var detector = new FaceDetector(stage1, stage2);
        foreach (var width in (int[])[24, 32, 40, 60, 120]) InALargePhoto(detector, pictures, width);
        return 0;
    }

    /// <summary>Centres of the cells that are traces, in pixels of the picture.</summary>
    static List<Point> TracesOf(DetectorNetwork network, SearchMemory memory)
    {
        List<Point> traces = [];
        var half = Region.Whole(memory.Pyramid.Picture, 0.5);
        memory.Rows.Set(memory.Pyramid, 0.5, 0, 0, Region.Padded(half.Width));
        memory.Detector.Run(memory.Rows, Region.Padded(half.Height), Region.Padded(half.Width));
        var map = memory.Detector.Outputs[0];
        for (var y = 0; y < map.Height; y++)
            for (var x = 0; x < map.Width; x++)
                if (network.IsTrace(map.Row(y) + x * map.Step)) traces.Add(new(16 * x + 8, 16 * y + 8));
        return traces;
    }

    static bool Shows(Point trace, FaceBox box)
        => trace.X >= box.Left - 8 && trace.X <= box.Right + 8 && trace.Y >= box.Top - 8 && trace.Y <= box.Bottom + 8;

    /// <summary>Web photos with one face, reduced so that it is so wide, side by side in one photo of twelve megapixels.</summary>
    static void InALargePhoto(FaceDetector detector, AnnotatedPicture[] pictures, int width)
    {
        var pixels = new byte[3 * Width * Height];
        Array.Fill(pixels, (byte)110);
        List<FaceBox> boxes = [];
        int left = 0, top = 0, tall = 0;
        foreach (var picture in pictures.Where(p => p.Image.Name.Contains("web-", StringComparison.Ordinal) && p.Faces.Count == 1))
        {
            var face = picture.Faces[0].Extent();
            if (face.Width < width || boxes.Count == MostPhotos) continue;
            var s = width / face.Width;
            var small = Distortion.Reduce(ImageCodec.Decode(picture.Image.Read()), s);
            if (left + small.Width > Width) (left, top, tall) = (0, top + tall + 40, 0);
            if (top + small.Height > Height) break;
            for (var y = 0; y < small.Height; y++)
                small.Pixels.Slice(3 * y * small.Width, 3 * small.Width).CopyTo(pixels.AsSpan(3 * ((top + y) * Width + left)));
            boxes.Add(new(face.Left * s + left, face.Top * s + top, face.Right * s + left, face.Bottom * s + top));
            (left, tall) = (left + small.Width + 37, Math.Max(tall, small.Height));
        }
        FaceBox[] found = [.. detector.Detect(new(Width, Height, pixels))
            .Select(f => new FaceBox(f.Box.Left, f.Box.Top, f.Box.Right, f.Box.Bottom))];
        var hits = boxes.Count(b => found.Any(f => f.IntersectionOverUnion(b) >= 0.35));
        Console.WriteLine($"Faces of {width} pixels in a photo of {Width} x {Height}: {hits} of {boxes.Count} found by default.");
    }
}

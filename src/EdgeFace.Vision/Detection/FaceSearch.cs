using System.Runtime.InteropServices;

namespace EdgeFace.Vision.Detection;

/// <summary>Where a network looks for faces in a picture: scales and tiles (docs/detector.md).</summary>
sealed unsafe class FaceSearch(IDetectorNetwork network, DetectorOptions options)
{
    // The width down to which a face is found, in pixels of a scaled picture.
    const double SmallestSeen = 24;
    // The longer side of the picture at the scale that finds most faces.
    const double Coarse = 640;

    const int MostCandidates = 5000;

    /// <summary>Leaves in <see cref="SearchMemory.Found"/> what was found in the picture of the pyramid, best first and without overlaps.</summary>
    public void Run(SearchMemory memory)
    {
        memory.Found.Clear();
        SearchScales(memory, memory.Pyramid, Enough);
        Suppression.DropOverlaps(memory.Found, MostCandidates);
    }

    /// <summary>The same of the picture turned clockwise by so many quarters of the circle: at the coarse scales, or at all.</summary>
    public void RunTurned(SearchMemory memory, int quarters, bool coarse)
    {
        var picture = memory.Pyramid.Picture;
        double coarsest = Math.Min(1, Coarse / Math.Max(picture.Width, picture.Height)), finest = coarse ? coarsest : Math.Max(coarsest, Enough);
        if (options.WorkingSize > 0) finest = Math.Min(1, (double)options.WorkingSize / Math.Max(picture.Width, picture.Height));
        var k = ImagePyramid.LevelFor(1 / finest, 2);
        var level = memory.Pyramid.Level(ref k);
        var turned = memory.TurnedCopy.Make(level, quarters);
        memory.Turned.Begin(turned.Pixels, turned.Width, turned.Height);
        memory.Found.Clear();
        SearchScales(memory, memory.Turned, finest * (1 << k));
        foreach (ref var found in CollectionsMarshal.AsSpan(memory.Found)) found = found.TurnedBack(quarters, level.Width, level.Height, 1.0 / (1 << k));
        Suppression.DropOverlaps(memory.Found, MostCandidates);
    }

    double Enough => Math.Min(1, SmallestSeen / Math.Max(1, options.MinFaceSize));

    /// <summary>
    /// 256 for faces that fill the picture, 640, and for larger pictures each double of it until the smallest wanted face is 24 pixels wide. One
    /// scale where one was asked for, or where the network takes no more.
    /// </summary>
    /// <param name="memory">Receives what is found.</param>
    /// <param name="pyramid">The picture, or a reduced copy of it.</param>
    /// <param name="enough">The scale of the copy that is fine enough.</param>
    void SearchScales(SearchMemory memory, ImagePyramid pyramid, double enough)
    {
        double longest = Math.Max(pyramid.Picture.Width, pyramid.Picture.Height);
        if (options.WorkingSize > 0) Search(memory, pyramid, Math.Min(1, options.WorkingSize / longest));
        else if (!network.SearchesScales) Search(memory, pyramid, enough);
        else
        {
            if (longest > 256) Search(memory, pyramid, 256 / longest);
            for (var s = Math.Min(1, Coarse / longest); ; s = Math.Min(1, 2 * s))
            {
                Search(memory, pyramid, s);
                if (s >= enough) return;
            }
        }
    }

    /// <summary>Runs the network over the picture scaled by s, in tiles where it is larger than one, and adds what it finds.</summary>
    void Search(SearchMemory memory, ImagePyramid pyramid, double s)
    {
        var (side, overlap) = network.Tile;
        var picture = pyramid.Picture;
        int width = ImagePyramid.Scaled(picture.Width, s), height = ImagePyramid.Scaled(picture.Height, s);
        // Faces larger than two tiles share are found at half the size; what seems one here is a part of a face.
        var largest = network.SearchesScales && (width > side || height > side) ? 2 * overlap / s : double.PositiveInfinity;
        for (var top = 0; ; top += side - overlap)
        {
            for (var left = 0; ; left += side - overlap)
            {
                Look(memory, pyramid, s, left, top, Math.Min(width - left, side), Math.Min(height - top, side), largest);
                if (left + side >= width) break;
            }
            if (top + side >= height) break;
        }
    }

    void Look(SearchMemory memory, ImagePyramid pyramid, double s, int left, int top, int width, int height, double largest)
    {
        int columns = Padded(width), rows = Padded(height);
        memory.Rows.Set(pyramid, s, left, top, columns);
        memory.Detector.Run(memory.Rows, rows, columns);
        memory.InTile.Clear();
        for (int i = 0, stride = 8; i < 3; i++, stride *= 2)
        {
            var map = memory.Detector.Outputs[i];
            for (var y = 0; y < map.Height; y++)
            {
                var cell = map.Row(y);
                for (var x = 0; x < map.Width; x++, cell += map.Step)
                {
                    if (!network.TryDecode(cell, x, y, stride, out var found)) continue;
                    var face = found.ToPicture(s, left, top);
                    if (face.Box.Width <= largest) memory.InTile.Add(face);
                }
            }
        }
        Suppression.DropOverlaps(memory.InTile);
        memory.Found.AddRange(memory.InTile);
    }

    static int Padded(int side) => (side + 31) / 32 * 32;
}

namespace EdgeFace.Vision.Detection;

/// <summary>Where a network looks for faces in a picture: scales and tiles (docs/detector.md).</summary>
sealed unsafe class FaceSearch(IDetectorNetwork network, DetectorOptions options)
{
    // The width down to which a face is found, in pixels of a scaled picture.
    const double SmallestSeen = 24;
    const int MostCandidates = 5000;

    /// <summary>Leaves in <see cref="SearchMemory.Found"/> what was found in the picture of the pyramid, best first and without overlaps.</summary>
    public void Run(SearchMemory memory)
    {
        var picture = memory.Pyramid.Picture;
        memory.Found.Clear();
        double longest = Math.Max(picture.Width, picture.Height), enough = Math.Min(1, SmallestSeen / Math.Max(1, options.MinFaceSize));
        if (options.WorkingSize > 0) Search(memory, Math.Min(1, options.WorkingSize / longest));
        else if (!network.SearchesScales) Search(memory, enough);
        else SearchScales(memory, longest, enough);
        Suppression.DropOverlaps(memory.Found, MostCandidates);
    }

    /// <summary>
    /// 256 for faces that fill the picture, 640, and for larger pictures each double of it until the smallest wanted face is 24 pixels wide.
    /// </summary>
    void SearchScales(SearchMemory memory, double longest, double enough)
    {
        if (longest > 256) Search(memory, 256 / longest);
        for (var s = Math.Min(1, 640 / longest); ; s = Math.Min(1, 2 * s))
        {
            Search(memory, s);
            if (s >= enough) return;
        }
    }

    /// <summary>Runs the network over the picture scaled by s, in tiles where it is larger than one, and adds what it finds.</summary>
    void Search(SearchMemory memory, double s)
    {
        var (side, overlap) = network.Tile;
        var picture = memory.Pyramid.Picture;
        int width = ImagePyramid.Scaled(picture.Width, s), height = ImagePyramid.Scaled(picture.Height, s);
        // Faces larger than two tiles share are found at half the size; what seems one here is a part of a face.
        var largest = network.SearchesScales && (width > side || height > side) ? 2 * overlap / s : double.PositiveInfinity;
        for (var top = 0; ; top += side - overlap)
        {
            for (var left = 0; ; left += side - overlap)
            {
                Look(memory, s, left, top, Math.Min(width - left, side), Math.Min(height - top, side), largest);
                if (left + side >= width) break;
            }
            if (top + side >= height) break;
        }
    }

    void Look(SearchMemory memory, double s, int left, int top, int width, int height, double largest)
    {
        int columns = Padded(width), rows = Padded(height);
        memory.Rows.Set(memory.Pyramid, s, left, top, columns);
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

using System.Runtime.InteropServices;

namespace EdgeFace.Vision.Detection;

/// <summary>Where a network looks for faces in a picture: scales, regions and tiles (docs/detector.md).</summary>
sealed unsafe class FaceSearch(IDetectorNetwork network, SearchRules rules)
{
    // The width down to which a face is found, in pixels of a scaled picture.
    const double SmallestSeen = 24;

    // The longer side of the picture at the finest scale is no shorter because large faces alone are wanted.
    const double LeastFinest = 640;

    // At the coarsest scale the longer side is no longer, so that a face that fills the picture is found.
    const double MostCoarsest = 400;

    // What is found with this score, and so wide, needs no finer look.
    const float SureScore = 0.85f;
    const double SureWidth = 24;

    const int MostCandidates = 5000;

    /// <summary>Leaves in <see cref="SearchMemory.Found"/> what was found in the picture of the pyramid, best first and without overlaps.</summary>
    public void Run(SearchMemory memory)
    {
        memory.Found.Clear();
        SearchScales(memory, memory.Pyramid, Finest(memory.Pyramid.Picture, coarse: false), memory.Areas);
        Suppression.DropOverlaps(memory.Found, MostCandidates);
    }

    /// <summary>The same of the picture turned clockwise by so many quarters of the circle: at the coarse scales, or at all.</summary>
    public void RunTurned(SearchMemory memory, int quarters, bool coarse)
    {
        var finest = Finest(memory.Pyramid.Picture, coarse);
        var k = ImagePyramid.LevelFor(1 / finest, 2);
        var level = memory.Pyramid.Level(ref k);
        var turned = memory.TurnedCopy.Make(level, quarters, memory.Cancellation);
        memory.Turned.Begin(turned.Pixels, turned.Width, turned.Height, memory.Cancellation);
        memory.Found.Clear();
        SearchScales(memory, memory.Turned, finest * (1 << k), Turned(memory.Areas, quarters, level, 1.0 / (1 << k)));
        foreach (ref var found in CollectionsMarshal.AsSpan(memory.Found))
            found = found.TurnedBack(quarters, level.Width, level.Height, 1.0 / (1 << k));
        Suppression.DropOverlaps(memory.Found, MostCandidates);
    }

    /// <summary>The scale at which the smallest wanted face is wide enough to be found, or the one that was asked for.</summary>
    double Finest(PictureLevel picture, bool coarse)
    {
        double longest = Math.Max(picture.Width, picture.Height);
        if (rules.WorkingSize is { } size) return Math.Min(1, size / longest);
        var enough = Math.Min(1, SmallestSeen / Math.Max(1, rules.MinFaceSize));
        if (!network.SearchesScales) return enough;
        var least = Math.Min(1, LeastFinest / longest);
        return coarse ? least : Math.Max(least, enough);
    }

    /// <summary>
    /// All of the picture at half the finest scale, a quarter and so on; at the finest only the regions where the half has left traces of faces
    /// that are too small for it. One look at the finest where one was asked for, the network takes no more, or it is coarse enough.
    /// </summary>
    static SearchArea[] Turned(SearchArea[] areas, int quarters, PictureLevel level, double scale)
    {
        if (areas.Length == 0) return areas;
        var turned = new SearchArea[areas.Length];
        for (var i = 0; i < areas.Length; i++) turned[i] = areas[i].Turned(quarters, level.Width, level.Height, scale);
        return turned;
    }

    void SearchScales(SearchMemory memory, ImagePyramid pyramid, double finest, SearchArea[] areas)
    {
        if (areas.Length == 0) SearchScales(memory, pyramid, finest, area: null);
        foreach (var area in areas) SearchScales(memory, pyramid, finest, area);
    }

    void SearchScales(SearchMemory memory, ImagePyramid pyramid, double finest, SearchArea? area)
    {
        double longest = Math.Max(pyramid.Picture.Width, pyramid.Picture.Height), s = finest;
        if (rules.WorkingSize is null && network.SearchesScales)
            while (longest * s > MostCoarsest) s /= 2;
        memory.Regions.Clear();
        // In tiles and regions what seems a larger face than two tiles share is a part of one, which is found at half the size.
        double largest = 2 * network.Tile.Overlap;
        for (; ; s *= 2)
        {
            var whole = Region.Whole(pyramid.Picture, s);
            var part = area?.At(s, whole) ?? whole;
            var isInTiles = network.SearchesScales && part.IsLargerThan(network.Tile.Side);
            // At twice the scale every face that is wanted would be larger than is needed.
            var isEnough = area?.LeastWidth * s >= SmallestSeen;
            Search(memory, pyramid, s, part, isInTiles ? largest : double.PositiveInfinity, !isEnough && 2 * s == finest);
            if (isEnough || 2 * s >= finest) break;
        }
        foreach (var region in memory.Regions) Search(memory, pyramid, finest, region, largest, leavesTraces: false);
    }

    /// <summary>Runs the network over a part of the picture scaled by s, in tiles where it is larger than one, and adds what it finds.</summary>
    void Search(SearchMemory memory, ImagePyramid pyramid, double s, Region part, double largest, bool leavesTraces)
    {
        var (side, overlap) = network.Tile;
        for (var top = part.Top; ; top += side - overlap)
        {
            for (var left = part.Left; ; left += side - overlap)
            {
                var tile = new Region(left, top, Math.Min(part.Right, left + side), Math.Min(part.Bottom, top + side));
                Look(memory, pyramid, s, tile, largest, leavesTraces);
                if (leavesTraces) memory.Traces.Cover(Region.Whole(pyramid.Picture, 2 * s), memory.Regions);
                if (tile.Right == part.Right) break;
            }
            if (top + side >= part.Bottom) break;
        }
    }

    void Look(SearchMemory memory, ImagePyramid pyramid, double s, Region tile, double largest, bool leavesTraces)
    {
        memory.Rows.Set(pyramid, s, tile.Left, tile.Top, Region.Padded(tile.Width));
        memory.Detector.Run(memory.Rows, Region.Padded(tile.Height), Region.Padded(tile.Width), memory.Cancellation);
        memory.InTile.Clear();
        for (int i = 0, stride = 8; i < 3; i++, stride *= 2)
        {
            var map = memory.Detector.Outputs[i];
            for (var y = 0; y < map.Height; y++)
            {
                var cell = map.Row(y);
                for (var x = 0; x < map.Width; x++, cell += map.Step)
                {
                    if (leavesTraces && i == 0 && network.IsTrace(cell)) memory.Traces.Add(tile.Left + x * stride, tile.Top + y * stride, stride);
                    if (!network.TryDecode(cell, x, y, stride, out var found)) continue;
                    var face = found.ToPicture(s, tile.Left, tile.Top);
                    if (face.Box.Width * s <= largest) memory.InTile.Add(face);
                }
            }
        }
        Suppression.DropOverlaps(memory.InTile);
        if (leavesTraces)
            foreach (var face in memory.InTile)
                if (face.Score >= SureScore && face.Box.Width * s >= SureWidth) memory.Traces.DropWithin(face.Box, 2 * s);
        memory.Found.AddRange(memory.InTile);
    }
}

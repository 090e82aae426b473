using System.Runtime.InteropServices;

namespace EdgeFace.Vision.Detection;

/// <summary>
/// Where a look has left traces of faces that are too small for it, and the regions in which a look at twice the scale sees them: few and small
/// (docs/detector.md). Its memory is kept for the next look.
/// </summary>
sealed class Traces
{
    // Half of the widest face whose trace is not seen better at this scale, and some of what is around it, in pixels of the finer scale.
    const int Margin = 40;

    // What a look costs beside its pixels, in pixels.
    const int LookCost = 2000;

    readonly List<Region> _points = [], _boxes = [];

    /// <summary>A trace in the cell that begins at (left, top) of the scaled picture.</summary>
    public void Add(int left, int top, int stride) => _points.Add(new(2 * left + stride, 2 * top + stride, 2 * left + stride, 2 * top + stride));

    /// <summary>Forgets all traces.</summary>
    public void Clear() => _points.Clear();

    /// <summary>Drops those that show parts of a face that needs no finer look; s is the finer scale.</summary>
    public void DropWithin(Box face, double s)
    {
        double left = face.Left * s, top = face.Top * s, right = face.Right * s, bottom = face.Bottom * s;
        var all = CollectionsMarshal.AsSpan(_points);
        var kept = 0;
        foreach (var point in all)
            if (!(point.Left > left && point.Left < right && point.Top > top && point.Top < bottom)) all[kept++] = point;
        _points.RemoveRange(kept, all.Length - kept);
    }

    /// <summary>
    /// Adds regions that hold all traces, and forgets these. Each trace joins the box that it makes larger by least, or begins one where that costs
    /// less; then boxes are joined where both together cost no less, and all where that costs no more.
    /// </summary>
    /// <param name="whole">The picture at the finer scale.</param>
    public void Cover(Region whole, List<Region> regions)
    {
        _boxes.Clear();
        foreach (var point in _points)
        {
            var (least, best) = (Cost(point, whole), -1);
            for (var i = 0; i < _boxes.Count && least > 0; i++)
                if (Cost(_boxes[i].With(point), whole) - Cost(_boxes[i], whole) is var more && more < least) (least, best) = (more, i);
            if (best < 0) _boxes.Add(point);
            else _boxes[best] = _boxes[best].With(point);
        }
        for (var i = 0; i < _boxes.Count; i++)
            for (var j = i + 1; j < _boxes.Count; j++)
            {
                var both = _boxes[i].With(_boxes[j]);
                if (Cost(both, whole) > Cost(_boxes[i], whole) + Cost(_boxes[j], whole)) continue;
                _boxes[i] = both;
                _boxes.RemoveAt(j);
                j = i;
            }
        JoinIfCheaper(whole);
        foreach (var box in _boxes) regions.Add(box.Widened(Margin, whole));
        _points.Clear();
    }

    // Boxes that overlap may cost more than one that holds them all.
    void JoinIfCheaper(Region whole)
    {
        if (_boxes.Count == 0) return;
        var (all, sum) = (_boxes[0], 0L);
        foreach (var box in _boxes) (all, sum) = (all.With(box), sum + Cost(box, whole));
        if (Cost(all, whole) > sum) return;
        _boxes.Clear();
        _boxes.Add(all);
    }

    static long Cost(Region box, Region whole) => box.Widened(Margin, whole).Area + LookCost;
}

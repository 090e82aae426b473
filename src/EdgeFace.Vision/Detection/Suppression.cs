using System.Runtime.InteropServices;

namespace EdgeFace.Vision.Detection;

/// <summary>Greedy non-maximum suppression, in place: the best first, dropping what shares too much with a better one.</summary>
static class Suppression
{
    const float Overlap = 0.4f;

    // A box of which so much lies in a better one's shows a part of that face.
    const float Containment = 0.6f;

    static readonly Comparison<Candidate> BestFirst = (a, b) =>
        b.Score.CompareTo(a.Score) is var byScore and not 0 ? byScore
        : a.Box.Top.CompareTo(b.Box.Top) is var byTop and not 0 ? byTop
        : a.Box.Left.CompareTo(b.Box.Left);

    static readonly Func<Candidate, Candidate, bool> Overlaps = (better, worse) => better.Box.IntersectionOverUnion(worse.Box) > Overlap;

    static readonly Func<Candidate, Candidate, bool> Contains
        = (better, worse) => better.Box.Intersection(worse.Box) > Containment * Math.Min(better.Box.Area, worse.Box.Area);

    /// <summary>Leaves the wanted faces, best first: one of those that overlap, and none that is a part of another.</summary>
    public static void Settle(List<Candidate> candidates, SearchRules rules)
    {
        DropUnwanted(candidates, rules);
        DropOverlaps(candidates);
        DropParts(candidates);
    }

    /// <summary>Drops those below the least score, and those below the smallest wanted face.</summary>
    public static void DropUnwanted(List<Candidate> candidates, SearchRules rules)
    {
        var all = CollectionsMarshal.AsSpan(candidates);
        var kept = 0;
        foreach (var candidate in all)
            if (candidate.Score >= rules.MinScore && candidate.Box.Width >= rules.MinFaceSize) all[kept++] = candidate;
        candidates.RemoveRange(kept, candidates.Count - kept);
    }

    /// <summary>Drops boxes that overlap a better one, keeping so many at most.</summary>
    public static void DropOverlaps(List<Candidate> candidates, int most = int.MaxValue)
    {
        candidates.Sort(BestFirst);
        Drop(candidates, Overlaps, most);
    }

    /// <summary>Drops boxes that show a part of a better one, of those that are sorted.</summary>
    public static void DropParts(List<Candidate> candidates) => Drop(candidates, Contains, int.MaxValue);

    /// <summary>Whether two boxes are of one face, or one shows a part of the other.</summary>
    public static bool IsOne(Box a, Box b) => a.IntersectionOverUnion(b) > Overlap || a.Intersection(b) > Containment * Math.Min(a.Area, b.Area);

    static void Drop(List<Candidate> candidates, Func<Candidate, Candidate, bool> isDropped, int most)
    {
        var all = CollectionsMarshal.AsSpan(candidates);
        var kept = 0;
        for (var i = 0; i < all.Length && kept < most; i++)
        {
            if (!float.IsFinite(all[i].Box.Width)) continue;
            var better = 0;
            while (better < kept && !isDropped(all[better], all[i])) better++;
            if (better == kept) all[kept++] = all[i];
        }
        candidates.RemoveRange(kept, candidates.Count - kept);
    }
}

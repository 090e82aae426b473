namespace EdgeFace.Evaluation;

/// <summary>Which face of its picture each detection has found: in order of their score, each the best face that none has found before.</summary>
static class DetectionMatching
{
    /// <summary>A false detection.</summary>
    public const int False = -1;

    /// <summary>A detection of an ignored face: neither right nor false.</summary>
    public const int Ignored = -2;

    /// <summary>For each detection the index of the face it has found, or one of the two above.</summary>
    public static int[] Match(DetectionPicture picture, DetectionOptions options)
    {
        var (faces, detections) = (picture.Annotated, picture.Detected);
        FaceBox[] extents = [.. faces.Select(f => f.Extent())];
        var taken = new bool[faces.Count];
        var found = new int[detections.Count];
        // The order of equal scores is that of places, so that the order of the list does not matter.
        var order = Enumerable.Range(0, detections.Count).OrderByDescending(d => detections[d].Score)
            .ThenBy(d => detections[d].Box.Top).ThenBy(d => detections[d].Box.Left).ThenBy(d => detections[d].Box.Width);
        foreach (var d in order)
        {
            var box = detections[d].Box;
            found[d] = False;
            double best = -1;
            for (var f = 0; f < faces.Count; f++)
            {
                if (taken[f] || faces[f].IsIgnored) continue;
                var overlap = extents[f].IntersectionOverUnion(box);
                if (overlap > best && Fits(faces[f], overlap, box)) (best, found[d]) = (overlap, f);
            }
            if (found[d] >= 0) taken[found[d]] = true;
            else if (AnyFits(ignored: true) && !AnyFits(ignored: false)) found[d] = Ignored;

            bool AnyFits(bool ignored) => faces.Where((f, i) => f.IsIgnored == ignored && Fits(f, extents[i].IntersectionOverUnion(box), box)).Any();
        }
        return found;

        bool Fits(AnnotatedFace face, double overlap, FaceBox box)
            => face.Box is not null ? overlap >= options.MinIou
                : face.Points is { } p && box.Width <= options.MaxEyeDistances * p.EyeDistance && p.AreInside(box);
    }
}

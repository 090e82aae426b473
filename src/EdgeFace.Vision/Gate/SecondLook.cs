using EdgeFace.Vision.Detection;

namespace EdgeFace.Vision;

/// <summary>
/// What is done about faces that the gate refuses. Stage 1 takes faces that lie otherwise than upright for upright ones, with wrong landmarks, and the
/// gate tells those from upright ones almost without error: so what lies around a refused face, and the whole picture where it has no other, is
/// searched turned, and what the gate then lets pass is the face. Those that it refuses all the same stay as they were.
/// </summary>
sealed class SecondLook(FaceDetector detector, int minFace, Func<RgbImage, Face, AnalyzedFace> embed)
{
    // How far a face may lie from what was taken for it, in widths, and how much larger or smaller it may be.
    const float Far = 0.6f, Larger = 2.5f;

    /// <summary>
    /// The faces of a picture: those that pass at their places, those that were found anew at the places of what was taken for them, the others of
    /// those last.
    /// </summary>
    /// <param name="image">The picture.</param>
    /// <param name="faces">As they were found.</param>
    public IReadOnlyList<AnalyzedFace> Of(RgbImage image, IReadOnlyList<AnalyzedFace> faces)
    {
        if (faces.Any(f => f.Gate.IsRecognisable) && faces.All(f => f.Gate.IsRecognisable)) return faces;
        var places = faces.Select(f => f.Gate.IsRecognisable ? null : At(image, f)).ToList();
        if (!faces.Any(f => f.Gate.IsRecognisable) && places.TrueForAll(f => f is null)) places.AddRange(Anywhere(image));
        List<AnalyzedFace> passed = [.. faces.Where(f => f.Gate.IsRecognisable)], found = [];
        foreach (var face in places.OfType<AnalyzedFace>().OrderByDescending(f => f.Gate.Score))
            if (!passed.Concat(found).Any(f => IsOne(f, face))) found.Add(face);
        if (found.Count == 0) return faces;
        var all = new List<AnalyzedFace>();
        for (var i = 0; i < places.Count; i++)
        {
            if (places[i] is { } anew && found.Contains(anew)) all.Add(anew);
            else if (i < faces.Count && (faces[i].Gate.IsRecognisable || !found.Exists(f => IsOne(f, faces[i])))) all.Add(faces[i]);
        }
        return all;
    }

    /// <summary>The face at the place of a refused one that passes; null where there is none.</summary>
    public AnalyzedFace? At(RgbImage image, AnalyzedFace refused)
    {
        if (CutOut.Around(image, refused.Face.Box) is not { } part) return null;
        return detector.DetectEachWay(part.Image, minWidth: 0).Select(part.ToPicture).Where(f => IsAt(f.Box, refused.Face.Box))
            .Select(f => embed(image, f)).Where(f => f.Gate.IsRecognisable).MaxBy(f => f.Gate.Score);
    }

    IEnumerable<AnalyzedFace> Anywhere(RgbImage image)
        => detector.DetectEachWay(image, minFace).Select(f => embed(image, f)).Where(f => f.Gate.IsRecognisable);

    static bool IsAt(Box face, Box taken)
    {
        float x = (face.Left + face.Right - taken.Left - taken.Right) / 2, y = (face.Top + face.Bottom - taken.Top - taken.Bottom) / 2;
        float larger = Math.Max(face.Width, taken.Width), smaller = Math.Min(face.Width, taken.Width);
        return x * x + y * y <= Far * Far * larger * larger && larger <= Larger * smaller;
    }

    static bool IsOne(AnalyzedFace a, AnalyzedFace b) => Suppression.IsOne(a.Face.Box, b.Face.Box);
}

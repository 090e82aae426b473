using EdgeFace.Vision.Detection;

namespace EdgeFace.Vision;

/// <summary>
/// What is done about faces that the gate refuses or hardly lets pass, and about those that lie far from upright. Stage 1 takes faces that lie
/// otherwise for upright ones, with wrong landmarks, and the gate tells those from upright ones almost without error: so what lies around
/// such a face, and the whole picture where no face passes or one was found to lie otherwise, is searched turned, and what the gate is
/// surest of is the face. A face that it refuses all the same stays as it was, and so does one that is cut off: of that the other ways up
/// something may pass that is not the face.
/// </summary>
/// <param name="detector">What searches.</param>
/// <param name="gate">What judged the faces.</param>
/// <param name="embed">Aligns, embeds and judges a face.</param>
sealed class SecondLook(FaceDetector detector, FaceGate gate, Func<RgbImage, Face, CancellationToken, AnalyzedFace> embed)
{
    // How far a face may lie from what was taken for it, in widths, and how much larger or smaller it may be.
    const float Far = 0.6f, Larger = 2.5f;

    // In degrees. Landmarks of faces that lie farther from upright may be halfway between right and wrong, where the gate lets them pass.
    const double MostRoll = 30;

    // Of what is found anywhere, and not at the place of what the first search took for a face: the eight searches find much that is none.
    const float LeastElsewhere = 0.72f;

    // A crowd of faces that cannot be recognised would take minutes.
    const int MostLooks = 16;

    /// <summary>
    /// The faces of a picture: those that stay and those that were found anew, at the places of what was taken for them, and others found anew last.
    /// </summary>
    /// <param name="image">The picture.</param>
    /// <param name="faces">As they were found.</param>
    /// <param name="cancellation">Ends the looks.</param>
    public IReadOnlyList<AnalyzedFace> Of(RgbImage image, IReadOnlyList<AnalyzedFace> faces, CancellationToken cancellation)
    {
        if (faces.Count > 0 && faces.All(IsUpright)) return faces;
        var widest = faces.Where(f => !IsUpright(f)).OrderByDescending(f => f.Face.Box.Width).Take(MostLooks)
            .ToHashSet<object>(ReferenceEqualityComparer.Instance);
        List<AnalyzedFace?> places = [.. faces.Select(f => widest.Contains(f) ? At(image, f, cancellation) : null)];
        // Where one face lies otherwise the first search may have missed others.
        if (places.Exists(f => f is not null) || !faces.Any(f => f.Gate.IsRecognisable))
            places.AddRange(Anywhere(image, cancellation).Where(f => !faces.Any(other => IsOne(f, other) && IsCutOff(other))));
        List<AnalyzedFace> passed = [.. faces.Where((f, i) => places[i] is null && f.Gate.IsRecognisable)], found = [];
        foreach (var face in places.OfType<AnalyzedFace>().OrderByDescending(f => f.Gate.Score))
            if (!passed.Concat(found).Any(f => IsOne(f, face))) found.Add(face);
        var all = new List<AnalyzedFace>();
        for (var i = 0; i < places.Count; i++)
        {
            if (places[i] is { } anew && found.Contains(anew)) all.Add(anew);
            else if (i < faces.Count && (passed.Contains(faces[i]) || !found.Exists(f => IsOne(f, faces[i])))) all.Add(faces[i]);
        }
        return all;
    }

    bool IsUpright(AnalyzedFace face) => gate.IsSure(face.Gate) && Math.Abs(face.Quality.Pose?.Roll ?? 0) <= MostRoll;

    static bool IsCutOff(AnalyzedFace face) => GateReasons.CutAt(CropFacts.Of(face.Crop.Span), face.Quality) is not null;

    AnalyzedFace? At(RgbImage image, AnalyzedFace face, CancellationToken cancellation) => IsCutOff(face) ? null
        : Passing(image, CutOut.Around(image, face.Face.Box, cancellation), f => IsAt(f.Box, face.Face.Box), cancellation)
            .Where(f => f.Gate.Score > face.Gate.Score).MaxBy(f => f.Gate.Score);

    List<AnalyzedFace> Anywhere(RgbImage image, CancellationToken cancellation) => Passing(image, CutOut.Whole(image, cancellation),
        f => f.Score >= LeastElsewhere && f.Box.Width >= detector.MinFaceSize, cancellation);

    List<AnalyzedFace> Passing(RgbImage image, CutOut? part, Func<Face, bool> isWanted, CancellationToken cancellation)
    {
        if (part is null) return [];
        List<AnalyzedFace> passing = [.. Of(part)];
        return passing.Count > 0 ? passing : [.. Of(part.TurnedByEighth())];

        IEnumerable<AnalyzedFace> Of(CutOut part) => detector.DetectEachWay(part, cancellation).Where(isWanted)
            .Select(f => embed(image, f, cancellation)).Where(f => f.Gate.IsRecognisable);
    }

    static bool IsAt(Box face, Box taken)
    {
        float x = (face.Left + face.Right - taken.Left - taken.Right) / 2, y = (face.Top + face.Bottom - taken.Top - taken.Bottom) / 2;
        float larger = Math.Max(face.Width, taken.Width), smaller = Math.Min(face.Width, taken.Width);
        return x * x + y * y <= Far * Far * larger * larger && larger <= Larger * smaller;
    }

    static bool IsOne(AnalyzedFace a, AnalyzedFace b) => Suppression.IsOne(a.Face.Box, b.Face.Box);
}

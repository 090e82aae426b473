using EdgeFace.Kernels;
using EdgeFace.Models;
using EdgeFace.Vision;
using EdgeFace.Vision.Detection;

namespace EdgeFace.Training.Detection;

/// <summary>
/// What stage 1 takes for faces in each picture, and what that is: annotated, a face to the teacher, or a mistake. A picture is looked at when it is
/// first asked for.
/// </summary>
sealed unsafe class FaceMining : IDisposable
{
    // Mistakes below the score of candidates are learnt too.
    const double LeastCandidate = 0.1;

    // The teacher's faces: those that count at all, and those whose points count and that stage 1 should have found.
    const float LeastTeacher = 0.05f, SureTeacher = 0.5f;

    // Boxes that overlap so much are of one face.
    const float Same = 0.35f;

    readonly PictureStore _pictures;
    readonly DetectorNetwork _detector;
    readonly FaceSearch _search;
    readonly FaceDetector _teacher;
    readonly BoundedPool<SearchMemory> _memories;
    readonly Lazy<MinedFace[]>[] _mined;

    /// <param name="detector">Stage 1.</param>
    /// <param name="teacher">YuNet.</param>
    public FaceMining(PictureStore pictures, ModelFile detector, ModelFile teacher, int threads)
    {
        _pictures = pictures;
        var least = Math.Min(LeastCandidate, detector.Card.CandidateScore ?? 1);
        _detector = new(detector.WithCard(detector.Card with { CandidateScore = least }), KernelSet.Default);
        _search = new(_detector, default);
        _teacher = new(teacher, new DetectorOptions { MinScore = LeastTeacher });
        _memories = new(threads, () => new(_detector, null, KernelSet.Default));
        _mined = [.. Enumerable.Range(0, pictures.Count).Select(i => new Lazy<MinedFace[]>(() => Mine(pictures[i])))];
    }

    /// <summary>The places of a picture.</summary>
    public MinedFace[] this[int picture] => _mined[picture].Value;

    MinedFace[] Mine(Picture picture)
    {
        List<Candidate> found;
        var memory = _memories.Take();
        try
        {
            memory.Pyramid.Begin(picture.Pixels, picture.Width, picture.Height);
            _search.Run(memory);
            found = [.. memory.Found];
            memory.End();
        }
        finally
        {
            _memories.Return(memory);
        }
        var pixels = new ReadOnlySpan<byte>(picture.Pixels, 3 * picture.Width * picture.Height).ToArray();
        var faces = _teacher.Detect(new(picture.Width, picture.Height, pixels));
        Seen[] seen = [.. faces.Select(f => new Seen(TemplateBox(f.Landmarks), f.Landmarks, f.Score))];
        List<MinedFace> mined = [.. found.Select(c => Judge(c.Landmarks, picture.Faces, seen)).OfType<MinedFace>()];
        // Faces that stage 1 missed.
        Landmarks[] others = [.. picture.Faces.Select(f => f.Landmarks), .. seen.Where(s => s.Score >= SureTeacher).Select(s => s.Landmarks)];
        foreach (var face in others)
            if (mined.All(m => Overlap(m.Landmarks, face) <= Same) && Judge(face, picture.Faces, seen) is { } missed) mined.Add(missed);
        return [.. mined];
    }

    readonly record struct Seen(Box Box, Landmarks Landmarks, float Score);

    /// <summary>What a place is; null where its landmarks define no face.</summary>
    static MinedFace? Judge(in Landmarks landmarks, KnownFace[] known, Seen[] seen)
    {
        var box = TemplateBox(landmarks);
        if (!(box.Width > 0)) return null;
        KnownFace? annotated = known.Length == 0 ? null : known.MaxBy(k => k.Box.IntersectionOverUnion(box));
        if (annotated is { } a && a.Box.IntersectionOverUnion(box) <= Same) annotated = null;
        var best = seen.Length == 0 ? default : seen.MaxBy(s => s.Box.IntersectionOverUnion(box));
        if (best.Score > 0 && best.Box.IntersectionOverUnion(box) <= Same) best = default;
        Landmarks? truth = best.Score >= SureTeacher ? best.Landmarks : annotated is { HasPoints: true } points ? points.Landmarks : null;
        return new(landmarks, annotated is null ? best.Score : 1, truth);
    }

    static double Overlap(in Landmarks a, in Landmarks b) => TemplateBox(a).IntersectionOverUnion(TemplateBox(b));

    static Box TemplateBox(in Landmarks landmarks)
        => FaceAligner.TryEstimate(FaceAligner.Template, landmarks, out var at) ? FaceRefinement.BoxOf(at) : default;

    public void Dispose()
    {
        _memories.Dispose();
        _detector.Dispose();
        _teacher.Dispose();
    }
}

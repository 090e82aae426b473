using EdgeFace.Kernels;
using EdgeFace.Models;
using EdgeFace.Training.Data;
using EdgeFace.Vision;
using EdgeFace.Vision.Detection;

namespace EdgeFace.Training.Detection;

/// <summary>Patches for stage 2, around what stage 1 takes for faces: moved, mirrored, cut off, masked, spoilt.</summary>
sealed unsafe class PatchViews : IDetectionViews
{
    // The refiner's own units: a patch, and how far an output of one moves a landmark (docs/detector.md).
    const double Units = 140.0 / RefinerNetwork.PatchSize;
    const float Reach = 35;

    // How far landmarks are moved at most: in units of the template, in logarithms, in radians; all deviations.
    const double Shift = 9, Scale = 0.14, Turn = 0.17;

    const float SureFace = 0.5f;
    const int Tries = 6;

    readonly PictureStore _pictures;
    readonly FaceMining _mining;
    readonly Recipe _recipe;
    readonly BoundedPool<Memory> _memories;

    /// <param name="mining">Disposed with the views.</param>
    public PatchViews(PictureStore pictures, FaceMining mining, Recipe recipe, int threads, string about)
    {
        (_pictures, _mining, _recipe, About) = (pictures, mining, recipe, about);
        _memories = new(threads, () => new(new(KernelSet.Default), new(KernelSet.Default)));
    }

    sealed record Memory(ImagePyramid Pyramid, PatchRows Rows) : IDisposable
    {
        public void Dispose() => Pyramid.Dispose();
    }

    public int Side => RefinerNetwork.PatchSize;

    public int TargetValues => PatchTarget.Values;

    public string About { get; }

    public void Write(long number, Span<byte> view, Span<float> targets)
    {
        var random = new SeededRandom((ulong)_recipe.Seed, (ulong)number);
        var (picture, place) = Choose(ref random);
        var memory = _memories.Take();
        try
        {
            Write(memory, picture, place, view, targets, ref random);
        }
        finally
        {
            _memories.Return(memory);
        }
    }

    /// <summary>A face, or a mistake of stage 1; where it makes none, any place.</summary>
    (Picture Picture, MinedFace Place) Choose(ref SeededRandom random)
    {
        var wantsFace = random.Chance(_recipe.Detection!.FaceShare);
        for (var i = 0; i < Tries; i++)
        {
            var byFace = _pictures.Faces.Count > 0 && random.Chance(0.4);
            var index = byFace ? _pictures.Faces[random.Below(_pictures.Faces.Count)].Picture : random.Below(_pictures.Count);
            MinedFace[] fitting = [.. _mining[index].Where(m => m.Score >= SureFace == wantsFace)];
            if (fitting.Length > 0) return (_pictures[index], fitting[random.Below(fitting.Length)]);
        }
        var picture = _pictures[random.Below(_pictures.Count)];
        var scale = Math.Exp(random.Between(Math.Log(0.15), Math.Log(2)));
        var anywhere = new SimilarityTransform(scale, 0, random.Unit() * picture.Width - 56 * scale, random.Unit() * picture.Height - 64 * scale);
        var places = Map(FaceAligner.Template, anywhere);
        // What shows a face there by chance is no mistake.
        return (picture, new(places, picture.Faces.Any(f => f.Box.Intersection(FaceRefinement.BoxOf(anywhere)) > 0) ? SureFace : 0, null));
    }

    void Write(Memory memory, Picture picture, MinedFace place, Span<byte> view, Span<float> targets, ref SeededRandom random)
    {
        var from = place.Truth is { } truth && random.Chance(0.5) ? truth : place.Landmarks;
        FaceAligner.TryEstimate(FaceAligner.Template, from, out var at);
        at = at.After(Jitter(ref random));
        Sample(memory, picture, at, view);
        var mirrored = random.Chance(0.5);
        if (mirrored) Augmentation.Mirror(view, Side);
        targets.Clear();
        targets[PatchTarget.Score] = place.Score;
        List<Landmarks> faces = [];
        if (place.Truth is { } points)
        {
            var inTemplate = Map(points, at.Inverse());
            if (mirrored) inTemplate = Mirrored(inTemplate);
            targets[PatchTarget.PointsWeight] = 1;
            WriteMoves(inTemplate, targets[PatchTarget.Points..]);
            var perPixel = 1 / Units;
            var middle = Side / 2.0 - 0.5;
            faces.Add(Map(inTemplate, new(perPixel, 0, middle - PatchRows.CentreX * perPixel, middle - PatchRows.CentreY * perPixel)));
        }
        if (random.Chance(0.08)) CutOff(view, ref random);
        new Spoiling(_recipe.ChangedShare, _recipe.Strength, _recipe.Detection!.MaskShare).Apply(view, Side, faces, ref random);
    }

    static SimilarityTransform Jitter(ref SeededRandom random)
    {
        double strength = random.Unit(), scale = Math.Exp(random.Normal() * Scale * strength), turn = random.Normal() * Turn * strength;
        double a = scale * Math.Cos(turn), b = scale * Math.Sin(turn);
        double x = PatchRows.CentreX, y = PatchRows.CentreY, right = random.Normal() * Shift * strength, down = random.Normal() * Shift * strength;
        return new(a, b, x + right - (a * x - b * y), y + down - (b * x + a * y));
    }

    void Sample(Memory memory, Picture picture, SimilarityTransform at, Span<byte> view)
    {
        memory.Pyramid.Begin(picture.Pixels, picture.Width, picture.Height);
        memory.Rows.Set(memory.Pyramid, at);
        var row = stackalloc float[3 * RefinerNetwork.PatchSize];
        for (var y = 0; y < Side; y++)
        {
            memory.Rows.Read(y, row);
            for (var i = 0; i < 3 * Side; i++) view[3 * y * Side + i] = (byte)Math.Clamp((row[i] + 1) * 127.5f + 0.5f, 0, 255);
        }
        memory.Pyramid.End();
    }

    static void WriteMoves(in Landmarks to, Span<float> moves)
    {
        var t = FaceAligner.Template;
        Span<Point> from = [t.LeftEye, t.RightEye, t.Nose, t.LeftMouth, t.RightMouth];
        Span<Point> until = [to.LeftEye, to.RightEye, to.Nose, to.LeftMouth, to.RightMouth];
        for (var i = 0; i < from.Length; i++)
            (moves[2 * i], moves[2 * i + 1]) = ((until[i].X - from[i].X) / Reach, (until[i].Y - from[i].Y) / Reach);
    }

    static Landmarks Map(in Landmarks l, SimilarityTransform t)
        => new(t.Apply(l.LeftEye), t.Apply(l.RightEye), t.Apply(l.Nose), t.Apply(l.LeftMouth), t.Apply(l.RightMouth));

    // About the middle of the patch.
    static Landmarks Mirrored(in Landmarks l)
        => new Affine(-1, 0, 2 * PatchRows.CentreX, 0, 1, 0).Apply(l);

    /// <summary>As at the border of a picture: what lies beyond is mid grey.</summary>
    void CutOff(Span<byte> view, ref SeededRandom random)
    {
        int side = random.Below(4), depth = (int)(random.Between(0.1, 0.4) * Side);
        for (var y = 0; y < Side; y++)
            for (var x = 0; x < Side; x++)
                if ((side switch { 0 => x, 1 => y, 2 => Side - 1 - x, _ => Side - 1 - y }) < depth) view.Slice(3 * (y * Side + x), 3).Fill(128);
    }

    public void Dispose()
    {
        _memories.Dispose();
        _mining.Dispose();
    }
}

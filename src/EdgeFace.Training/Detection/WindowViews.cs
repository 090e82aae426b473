using EdgeFace.Models;
using EdgeFace.Training.Data;
using EdgeFace.Vision;
using EdgeFace.Vision.Detection;

namespace EdgeFace.Training.Detection;

/// <summary>Painted windows for stage 1: parts of pictures, mosaics, pasted faces; the teacher answers before they are spoilt.</summary>
sealed class WindowViews : IDetectionViews
{
    const byte Outside = 128;

    // Pictures are enlarged by no more than this.
    const double LeastScale = 0.4;

    // From this score on the teacher's faces count as seen.
    const float SureFace = 0.6f;

    readonly PictureStore _pictures;
    readonly DenseTeacher _teacher;
    readonly Recipe _recipe;
    readonly DetectionRecipe _detection;
    readonly CellGrid _grid;
    readonly BoundedPool<Memory> _memories;

    /// <param name="teacher">Disposed with the views.</param>
    /// <param name="threads">How many threads write at once at most.</param>
    public WindowViews(PictureStore pictures, DenseTeacher teacher, Recipe recipe, int threads, string about)
    {
        (_pictures, _teacher, _recipe, _detection, About) = (pictures, teacher, recipe, recipe.Detection!, about);
        _grid = new(_detection.Window);
        _memories = new(threads, () => new(new(), teacher.NewMemory(), new Candidate[_grid.Count]));
    }

    sealed record Memory(Painter Painter, DenseTeacher.Memory Teacher, Candidate[] Answers) : IDisposable
    {
        public List<KnownFace> Known { get; } = [];

        public List<Candidate> Seen { get; } = [];

        public void Dispose()
        {
            Painter.Dispose();
            Teacher.Dispose();
        }
    }

    public int Side => _detection.Window;

    public int TargetValues => _grid.Count * CellTarget.Values;

    public string About { get; }

    public void Write(long number, Span<byte> view, Span<float> targets)
    {
        var random = new SeededRandom((ulong)_recipe.Seed, (ulong)number);
        var memory = _memories.Take();
        try
        {
            Paint(memory, view, ref random);
            _teacher.Answer(memory.Teacher, view, Side, memory.Answers);
            WindowTargets.Write(_grid, memory.Answers, memory.Known, _detection, targets);
            new Spoiling(_recipe.ChangedShare, _recipe.Strength, _detection.MaskShare).Apply(view, Side, Faces(memory), ref random);
        }
        finally
        {
            _memories.Return(memory);
        }
    }

    /// <summary>Faces of a painted window, annotated or seen by the teacher.</summary>
    static List<Landmarks> Faces(Memory memory)
    {
        memory.Seen.Clear();
        memory.Seen.AddRange(memory.Answers.Where(a => a.Score >= SureFace));
        Suppression.DropOverlaps(memory.Seen);
        List<Landmarks> faces = [.. memory.Seen.Select(s => s.Landmarks)];
        foreach (var known in memory.Known)
            if (memory.Seen.All(s => !Suppression.IsOne(s.Box, known.Box))) faces.Add(known.Landmarks);
        return faces;
    }

    void Paint(Memory memory, Span<byte> view, ref SeededRandom random)
    {
        memory.Known.Clear();
        view.Fill(Outside);
        if (random.Chance(_detection.MosaicShare))
        {
            var cells = 2 + random.Below(2);
            for (var y = 0; y < cells; y++)
                for (var x = 0; x < cells; x++)
                    Place(memory, new(x * Side / cells, y * Side / cells, (x + 1) * Side / cells, (y + 1) * Side / cells), view, ref random);
        }
        else Place(memory, new(0, 0, Side, Side), view, ref random);
        if (_pictures.Faces.Count == 0 || !random.Chance(_detection.PasteShare)) return;
        for (var count = 1 + random.Below(4); count > 0; count--) Paste(memory, view, ref random);
    }

    /// <summary>Draws pictures into a part of the window: any place of one that fills it, and mostly over it a face of another, somewhere.</summary>
    void Place(Memory memory, Painter.Part part, Span<byte> view, ref SeededRandom random)
    {
        var byFace = _pictures.Faces.Count > 0 && random.Chance(0.65);
        // What a face's own picture fills needs no other behind it.
        if (!byFace || random.Chance(0.8)) Draw(memory, _pictures[random.Below(_pictures.Count)], null, part, view, ref random);
        if (!byFace) return;
        var (index, face) = _pictures.Faces[random.Below(_pictures.Faces.Count)];
        Draw(memory, _pictures[index], _pictures[index].Faces[face].Box, part, view, ref random);
    }

    void Draw(Memory memory, Picture picture, Box? face, Painter.Part part, Span<byte> view, ref SeededRandom random)
    {
        int width = part.Right - part.Left, height = part.Bottom - part.Top;
        double angle = Math.Clamp(random.Normal() * 12, -40, 40) * Math.PI / 180, x, y, centreX, centreY, scale;
        if (face is { } box)
        {
            (x, y) = (part.Left + random.Between(-0.05, 1.05) * width, part.Top + random.Between(-0.05, 1.05) * height);
            (centreX, centreY) = ((box.Left + box.Right) / 2, (box.Top + box.Bottom) / 2);
            scale = Math.Max(LeastScale, box.Width / Math.Exp(random.Between(Math.Log(8), Math.Log(0.75 * width))));
        }
        else
        {
            (x, y) = ((part.Left + part.Right) / 2.0, (part.Top + part.Bottom) / 2.0);
            scale = Math.Max(LeastScale, Math.Min(picture.Width / (double)width, picture.Height / (double)height) * random.Between(0.4, 1.1));
            (centreX, centreY) = (Inside(picture.Width, scale * width, ref random), Inside(picture.Height, scale * height, ref random));
        }
        var toPicture = Affine.Around((x, y), (centreX, centreY), scale, angle, random.Chance(0.5));
        memory.Painter.Draw(picture, toPicture, part, view, Side);
        memory.Known.RemoveAll(k => IsIn(picture, toPicture.Apply((k.Box.Left + k.Box.Right) / 2, (k.Box.Top + k.Box.Bottom) / 2))
            && part.Holds((k.Box.Left + k.Box.Right) / 2, (k.Box.Top + k.Box.Bottom) / 2));
        AddKnown(memory, picture, toPicture.Inverse(), part);

        static double Inside(double whole, double seen, ref SeededRandom random)
            => seen >= whole ? whole / 2 : random.Between(seen / 2, whole - seen / 2);

        static bool IsIn(Picture picture, Point p) => p.X >= 0 && p.Y >= 0 && p.X < picture.Width && p.Y < picture.Height;
    }

    static void AddKnown(Memory memory, Picture picture, Affine toWindow, Painter.Part part)
    {
        foreach (var known in picture.Faces)
        {
            var moved = known.Moved(toWindow);
            if (part.Holds((moved.Box.Left + moved.Box.Right) / 2, (moved.Box.Top + moved.Box.Bottom) / 2)) memory.Known.Add(moved);
        }
    }

    /// <summary>Draws a face of another picture over the window.</summary>
    void Paste(Memory memory, Span<byte> view, ref SeededRandom random)
    {
        var (index, face) = _pictures.Faces[random.Below(_pictures.Faces.Count)];
        var (picture, box) = (_pictures[index], _pictures[index].Faces[face].Box);
        double wanted = Math.Exp(random.Between(Math.Log(10), Math.Log(Side / 3.0))), scale = Math.Max(LeastScale, box.Width / wanted);
        double x = random.Unit() * Side, y = random.Unit() * Side, angle = random.Normal() * 8 * Math.PI / 180;
        var toPicture = Affine.Around((x, y), ((box.Left + box.Right) / 2, (box.Top + box.Bottom) / 2), scale, angle, random.Chance(0.5));
        float radiusX = (float)(box.Width / scale * 0.8), radiusY = (float)(box.Height / scale * 0.8);
        var oval = new Painter.Oval((float)x, (float)y, radiusX, radiusY);
        var part = new Painter.Part(Math.Max(0, (int)(x - radiusX)), Math.Max(0, (int)(y - radiusY)),
            Math.Min(Side, (int)(x + radiusX) + 1), Math.Min(Side, (int)(y + radiusY) + 1));
        memory.Known.RemoveAll(k => oval.Holds((k.Box.Left + k.Box.Right) / 2, (k.Box.Top + k.Box.Bottom) / 2));
        memory.Painter.Draw(picture, toPicture, part, view, Side, oval);
        var pasted = picture.Faces[face].Moved(toPicture.Inverse());
        if (part.Holds((float)x, (float)y)) memory.Known.Add(pasted);
    }

    public void Dispose()
    {
        _memories.Dispose();
        _teacher.Dispose();
    }
}

using EdgeFace.Kernels;
using EdgeFace.Training.Detection;
using EdgeFace.Vision;
using EdgeFace.Vision.Detection;

namespace EdgeFace.Training.Tests.Detection;

public sealed unsafe class WindowTargetsTests
{
    static readonly CellGrid Grid = new(64);
    static readonly DetectionRecipe Recipe = new() { Window = 64 };
    static readonly Landmarks Face = new(new(20, 22), new(33, 23), new(27, 30), new(21, 37), new(32, 38));

    [Fact]
    public void What_a_cell_is_to_say_is_what_the_engine_reads_from_it()
    {
        using var model = DetectorModuleTests.Open(DetectorLayers.Detector);
        using var engine = new DetectorNetwork(model, KernelSet.Default);
        var box = new Box(10, 12, 44, 50);
        var target = stackalloc float[CellTarget.Values];
        var cell = stackalloc float[DetectorLayers.CellChannels];
        for (var i = 0; i < Grid.Count; i++)
        {
            var (x, y, stride) = Grid[i];
            // Distances are positive in the box alone.
            if (!(x > box.Left && x < box.Right && y > box.Top && y < box.Bottom)) continue;
            CellTarget.Place(new(target, CellTarget.Values), (x, y, stride), box, Face);
            cell[0] = 5;
            for (var k = 0; k < 4; k++) cell[1 + k] = target[CellTarget.Box + k];
            for (var k = 0; k < 10; k++) cell[5 + k] = target[CellTarget.Points + k];
            Assert.True(engine.TryDecode(cell, (int)(x / stride), (int)(y / stride), stride, out var found));
            float[] expected = Values(box, Face), read = Values(found.Box, found.Landmarks);
            for (var k = 0; k < read.Length; k++) Assert.Equal(expected[k], read[k], 1e-3f);
        }
    }

    static float[] Values(Box box, Landmarks l) => [box.Left, box.Top, box.Right, box.Bottom, l.LeftEye.X, l.Nose.Y, l.RightMouth.X];

    [Fact]
    public void The_teacher_is_learnt_and_an_annotated_face_that_it_does_not_see_has_a_cell_of_its_own()
    {
        var answers = new Candidate[Grid.Count];
        answers[3] = new(new(0, 0, 9, 9), Face, 0.2f);
        var known = new KnownFace(new(12, 12, 42, 46), Face, true);
        var targets = new float[Grid.Count * CellTarget.Values];
        WindowTargets.Write(Grid, answers, [known], Recipe, targets);
        // Below the score from which points are learnt.
        Assert.Equal([0.2f, 0, 0], targets[(3 * CellTarget.Values)..(3 * CellTarget.Values + 3)]);
        var cell = Grid.At(0, 27, 29)!.Value * CellTarget.Values;
        Assert.Equal([(float)Recipe.AnnotatedScore, 1, 1], targets[cell..(cell + 3)]);
        Assert.Equal(2, Enumerable.Range(0, Grid.Count).Count(c => targets[c * CellTarget.Values] > 0));

        // One that the teacher sees is left to it.
        answers[9] = new(new(0, 0, 9, 9), Face, 0.9f);
        WindowTargets.Write(Grid, answers, [known], Recipe, targets);
        Assert.Equal(0, targets[cell]);
        Assert.Equal([0.9f, 0.9f, 0.9f], targets[(9 * CellTarget.Values)..(9 * CellTarget.Values + 3)]);
    }

    [Fact]
    public void Cells_lie_where_the_grid_says()
    {
        Assert.Equal(64 + 16 + 4, Grid.Count);
        for (var i = 0; i < Grid.Count; i++)
        {
            var (x, y, stride) = Grid[i];
            Assert.Equal(i, Grid.At(int.Log2(stride) - 3, x, y));
        }
        Assert.Null(Grid.At(0, 64, 3));
    }
}

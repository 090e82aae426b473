using EdgeFace.Training.Data;
using EdgeFace.Training.Optimisers;
using TorchSharp;
using static TorchSharp.torch;

namespace EdgeFace.Training.Heads;

/// <summary>
/// A softmax over a share of all people (PartialFC, An et al., 2022): the centres of a batch's own people always take part, the rest is drawn
/// anew in each step. With a rate of 1 it is the whole softmax. Centres that take no part stay as they are.
/// </summary>
sealed class PartialSoftmax(ClassCentres centres, HeadRecipe head, int seed) : IDisposable
{
    // As normalize has it.
    const double ShortestCentre = 1e-12;

    int[] _drawn = [];
    long[] _own = [];
    int _known;

    /// <summary>The centres themselves.</summary>
    public ClassCentres All => centres;

    /// <summary>Lengths of embeddings so far.</summary>
    public NormStatistics Norms { get; set; } = new();

    /// <summary>The people whose centres take part in this step, in ascending order.</summary>
    public IReadOnlyList<int> Drawn => _drawn;

    /// <summary>Their centres: (drawn, 512).</summary>
    public Tensor Centres { get; private set; } = zeros(0).DetachFromDisposeScope();

    /// <summary>Their centres at length 1, made once a step for all parts of a batch: (drawn, 512).</summary>
    public Tensor Directions { get; private set; } = zeros(0).DetachFromDisposeScope();

    /// <summary>The gradients of <see cref="Directions"/>; whoever goes backward adds to it.</summary>
    public Tensor Gradients { get; private set; } = zeros(0).DetachFromDisposeScope();

    /// <summary>The weight of its loss beside others.</summary>
    public double Weight => head.Weight;

    /// <summary>Names of the values of <see cref="Of"/>: the loss, and the share of images whose own centre is the nearest of those drawn.</summary>
    public IReadOnlyList<string> Names => [head.Margin.ToString().ToLowerInvariant(), "right"];

    /// <summary>Begins a step.</summary>
    /// <param name="people">The person of each image; -1 of those that have none, whom nothing is asked of.</param>
    /// <param name="step">Any number that no other step has; the draw follows from it and the seed.</param>
    public void Draw(IReadOnlyList<int> people, long step)
    {
        _drawn = Sample(people, new SeededRandom((ulong)seed ^ 0xC2B2AE3D27D4EB4F, (ulong)step));
        _own = [.. people.Select(p => p < 0 ? -1 : (long)Array.BinarySearch(_drawn, p))];
        _known = _own.Count(o => o >= 0);
        using var scope = NewDisposeScope();
        Release();
        Centres = centres.Take(0, _drawn).DetachFromDisposeScope();
        Directions = nn.functional.normalize(Centres, dim: 1).DetachFromDisposeScope();
        Gradients = zeros_like(Centres).DetachFromDisposeScope();
    }

    int[] Sample(IReadOnlyList<int> people, SeededRandom random)
    {
        int[] positive = [.. people.Where(p => p >= 0).Distinct().Order()];
        var wanted = Math.Max(0, (int)(head.SampleRate * centres.People) - positive.Length);
        var left = centres.People - positive.Length;
        var drawn = new List<int>(positive.Length + wanted);
        // One pass in order (Knuth, 3.4.2, S): each of those left is taken with the chance that is still to be met.
        for (int p = 0, next = 0; p < centres.People; p++)
        {
            if (next < positive.Length && positive[next] == p) next++;
            else if (random.Below(left--) < wanted) wanted--;
            else continue;
            drawn.Add(p);
        }
        return [.. drawn];
    }

    /// <summary>
    /// The loss of a part of the batch and the share that is right. Their means over the parts are those over all images of the batch that have a
    /// person.
    /// </summary>
    /// <param name="raw">Raw embeddings: (images, 512).</param>
    /// <param name="first">The place of the first in the batch.</param>
    /// <param name="directions"><see cref="Directions"/>, or a view of them with a gradient of its own.</param>
    public (Tensor Loss, Tensor Right) Of(Tensor raw, int first, Tensor directions)
    {
        var people = _own.AsSpan(first, (int)raw.shape[0]).ToArray();
        if (_known < _own.Length) return OfKnown(raw, people, directions);
        var own = tensor(people);
        var cosines = nn.functional.normalize(raw, dim: 1).mm(directions.t());
        var logits = MarginLogits.Of(head, cosines, own, raw.detach().norm(1), Norms);
        return (nn.functional.cross_entropy(logits, own), cosines.detach().argmax(1).eq(own).to(ScalarType.Float32).mean());
    }

    (Tensor Loss, Tensor Right) OfKnown(Tensor raw, long[] people, Tensor directions)
    {
        long[] rows = [.. Enumerable.Range(0, people.Length).Where(i => people[i] >= 0)];
        // Of nobody there is nothing to learn, but there are gradients to be had.
        if (rows.Length == 0) return ((raw.sum() + directions.sum()) * 0, zeros(1));
        var own = tensor(rows.Select(i => people[i]).ToArray());
        var known = raw.index_select(0, tensor(rows));
        var cosines = nn.functional.normalize(known, dim: 1).mm(directions.t());
        var logits = MarginLogits.Of(head, cosines, own, known.detach().norm(1), Norms);
        var share = (double)rows.Length / people.Length * _own.Length / _known;
        return (nn.functional.cross_entropy(logits, own) * share, cosines.detach().argmax(1).eq(own).to(ScalarType.Float32).mean() * share);
    }

    /// <summary>The gradients of <see cref="Centres"/>: of those of their directions what lies across them, over the centres' lengths.</summary>
    public Tensor CentreGradients()
    {
        using var scope = NewDisposeScope();
        using var grad = no_grad();
        var along = (Gradients * Directions).sum(1, keepdim: true);
        return ((Gradients - along * Directions) / Centres.norm(1, keepdim: true).clamp_min(ShortestCentre)).MoveToOuterDisposeScope();
    }

    /// <summary>Moves the centres of this step by AdamW, and remembers lengths.</summary>
    public void Step(long step, double rate, double decay, IReadOnlyList<float> norms)
    {
        using var scope = NewDisposeScope();
        using var grad = no_grad();
        Tensor first = centres.Take(1, _drawn), second = centres.Take(2, _drawn);
        AdamW.Update(Centres, first, second, CentreGradients(), step, rate, decay);
        centres.Put(0, _drawn, Centres);
        centres.Put(1, _drawn, first);
        centres.Put(2, _drawn, second);
        // Two make a deviation.
        if (_known > 1) Norms = Norms.With(_known == _own.Length ? norms : [.. norms.Where((_, i) => _own[i] >= 0)]);
    }

    void Release()
    {
        Centres.Dispose();
        Directions.Dispose();
        Gradients.Dispose();
    }

    public void Dispose()
    {
        Release();
        centres.Dispose();
    }
}

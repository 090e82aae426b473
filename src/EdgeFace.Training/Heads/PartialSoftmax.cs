using EdgeFace.Models;
using EdgeFace.Training.Data;
using EdgeFace.Training.Optimisers;
using TorchSharp;
using static TorchSharp.torch;

namespace EdgeFace.Training.Heads;

/// <summary>
/// A softmax over a share of all people (PartialFC, An et al., 2022): the centres of a batch's own people always take part, the rest is drawn
/// anew in each step. With a rate of 1 it is the whole softmax. Centres that take no part stay as they are. Centres are learnt, or follow a teacher.
/// </summary>
sealed class PartialSoftmax(ClassCentres centres, HeadRecipe head, int seed) : IDisposable
{
    // As normalize has it.
    const double ShortestCentre = 1e-12;

    int[] _drawn = [];
    long[] _own = [];
    int _known;
    FollowedCentres? _following;

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

    /// <summary>Whether centres follow a teacher (<see cref="FollowedCentres"/>): then they have no gradients.</summary>
    public bool FollowsTeacher => head.AdaDistill;

    /// <summary>Names of the values of <see cref="Of"/>: the loss, and the share of images whose own centre is the nearest of those drawn.</summary>
    public IReadOnlyList<string> Names => [FollowsTeacher ? "adadistill" : head.Margin.ToString().ToLowerInvariant(), "right"];

    /// <summary>Begins a step.</summary>
    /// <param name="people">The person of each image; -1 of those that have none, whom nothing is asked of.</param>
    /// <param name="step">Any number that no other step has; the draw follows from it and the seed.</param>
    public void Draw(IReadOnlyList<int> people, long step)
    {
        _drawn = Sample(people, new SeededRandom((ulong)seed ^ 0xC2B2AE3D27D4EB4F, (ulong)step));
        _own = [.. people.Select(p => p < 0 ? -1 : (long)Array.BinarySearch(_drawn, p))];
        _known = _own.Count(o => o >= 0);
        if (FollowsTeacher) _following = new(people.Count);
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
    /// <param name="teacher">The teacher's embeddings of length 1: (images, 512); null where centres are learnt.</param>
    public (Tensor Loss, Tensor Right) Of(Tensor raw, int first, Tensor directions, Tensor? teacher = null)
    {
        var images = (int)raw.shape[0];
        int[] places = [.. Enumerable.Range(first, images)];
        if (_known == _own.Length) return OfKnown(raw, places, directions, teacher);
        places = [.. places.Where(p => _own[p] >= 0)];
        // Of nobody there is nothing to learn, but there are gradients to be had.
        if (places.Length == 0) return ((raw.sum() + directions.sum()) * 0, zeros(1));
        var rows = tensor(places.Select(p => (long)p - first).ToArray());
        var (loss, right) = OfKnown(raw.index_select(0, rows), places, directions, teacher?.index_select(0, rows));
        var share = (double)places.Length / images * _own.Length / _known;
        return (loss * share, right * share);
    }

    (Tensor Loss, Tensor Right) OfKnown(Tensor raw, int[] places, Tensor directions, Tensor? teacher)
    {
        var own = tensor(places.Select(p => _own[p]).ToArray());
        var embeddings = nn.functional.normalize(raw, dim: 1);
        var cosines = embeddings.mm(directions.t());
        if (_following is not null)
        {
            _following.Set(places, embeddings.detach(), teacher!);
            var (moved, centres) = Moved(places);
            cosines = cosines.index_copy(1, tensor(moved), embeddings.mm(nn.functional.normalize(centres, dim: 1).t()));
        }
        var logits = MarginLogits.Of(head, cosines, own, raw.detach().norm(1), Norms);
        return (nn.functional.cross_entropy(logits, own), cosines.detach().argmax(1).eq(own).to(ScalarType.Float32).mean());
    }

    /// <summary>The centres of people after their images, in this order, have moved them from where the step began: places among those drawn, and
    /// (people, 512).</summary>
    (long[] Moved, Tensor Centres) Moved(IEnumerable<int> places)
    {
        var byPerson = places.ToLookup(p => _own[p]);
        long[] moved = [.. byPerson.Select(p => p.Key)];
        var width = EdgeFaceConfig.EmbeddingSize;
        float[] rows = [.. Centres.index_select(0, tensor(moved)).data<float>()];
        for (var i = 0; i < moved.Length; i++)
            foreach (var place in byPerson[moved[i]]) _following!.Move(rows.AsSpan(i * width, width), place);
        // Copied, because sums depend on how memory is aligned, and libtorch's own always is.
        return (moved, tensor(rows, [moved.Length, width]).clone());
    }

    /// <summary>The gradients of <see cref="Centres"/>: of those of their directions what lies across them, over the centres' lengths.</summary>
    public Tensor CentreGradients()
    {
        using var scope = NewDisposeScope();
        using var grad = no_grad();
        var along = (Gradients * Directions).sum(1, keepdim: true);
        return ((Gradients - along * Directions) / Centres.norm(1, keepdim: true).clamp_min(ShortestCentre)).MoveToOuterDisposeScope();
    }

    /// <summary>Moves the centres of this step, by AdamW or after the teacher, and remembers lengths.</summary>
    public void Step(long step, double rate, double decay, IReadOnlyList<float> norms)
    {
        using var scope = NewDisposeScope();
        using var grad = no_grad();
        if (!FollowsTeacher) Learn(step, rate, decay);
        else if (_known > 0)
        {
            var (moved, rows) = Moved(Enumerable.Range(0, _own.Length).Where(p => _own[p] >= 0));
            centres.Put(0, [.. moved.Select(m => _drawn[m])], rows);
        }
        // Two make a deviation.
        if (_known > 1) Norms = Norms.With(_known == _own.Length ? norms : [.. norms.Where((_, i) => _own[i] >= 0)]);
    }

    void Learn(long step, double rate, double decay)
    {
        Tensor first = centres.Take(1, _drawn), second = centres.Take(2, _drawn);
        AdamW.Update(Centres, first, second, CentreGradients(), step, rate, decay);
        centres.Put(0, _drawn, Centres);
        centres.Put(1, _drawn, first);
        centres.Put(2, _drawn, second);
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

namespace EdgeFace.Training.Data;

/// <summary>
/// An endless row of views: every crop once in each round, in an order and with changes that follow from the seed and the view's number alone. So a
/// run that is resumed at a number sees what an uninterrupted one would have seen.
/// </summary>
/// <param name="chosen">The crops that are shown; all of them if null.</param>
sealed class ViewSource(CropStore crops, Augmentation augmentation, ulong seed, IReadOnlyList<int>? chosen = null)
{
    readonly int _count = chosen?.Count ?? crops.Count;
    readonly Lock _lock = new();

    // Two, because at the end of a round some workers are in the next one already.
    readonly (long Round, int[] Order)[] _orders = [(-1, []), (-1, [])];

    /// <summary>Writes view <paramref name="number"/>: 112 x 112 x 3 bytes.</summary>
    public void Write(long number, Span<byte> view)
    {
        var random = new SeededRandom(seed, (ulong)number);
        crops[CropOf(number)].CopyTo(view);
        augmentation.Apply(view, crops, ref random);
    }

    /// <summary>The crop of view <paramref name="number"/>.</summary>
    public int CropOf(long number)
    {
        var place = OrderOf(number / _count)[number % _count];
        return chosen?[place] ?? place;
    }

    int[] OrderOf(long round)
    {
        lock (_lock)
        {
            ref var kept = ref _orders[round & 1];
            if (kept.Round != round)
            {
                int[] order = [.. Enumerable.Range(0, _count)];
                var random = new SeededRandom(seed ^ 0x9E3779B97F4A7C15, (ulong)round);
                for (var i = order.Length - 1; i > 0; i--)
                {
                    var j = random.Below(i + 1);
                    (order[i], order[j]) = (order[j], order[i]);
                }
                kept = (round, order);
            }
            return kept.Order;
        }
    }
}

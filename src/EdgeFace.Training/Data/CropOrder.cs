namespace EdgeFace.Training.Data;

/// <summary>An endless row of places: each once in a round, in an order that follows from the seed and the round. Any thread may ask.</summary>
/// <param name="count">How many places there are.</param>
sealed class CropOrder(int count, ulong seed)
{
    readonly Lock _lock = new();

    // Two, because at the end of a round some workers are in the next one already.
    readonly (long Round, int[] Order)[] _orders = [(-1, []), (-1, [])];

    /// <summary>The place that comes as the <paramref name="number"/>th, from 0.</summary>
    public int this[long number] => OrderOf(number / count)[number % count];

    int[] OrderOf(long round)
    {
        lock (_lock)
        {
            ref var kept = ref _orders[round & 1];
            if (kept.Round != round)
            {
                int[] order = [.. Enumerable.Range(0, count)];
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

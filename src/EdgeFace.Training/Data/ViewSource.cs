namespace EdgeFace.Training.Data;

/// <summary>
/// An endless row of views: every crop once in each round, in an order and with changes that follow from the seed and the view's number alone. So a
/// run that is resumed at a number sees what an uninterrupted one would have seen.
/// </summary>
sealed class ViewSource(CropStore crops, Augmentation augmentation, ulong seed)
{
    readonly Lock _lock = new();
    (long Round, int[] Order) _current = (-1, []);

    /// <summary>Writes view <paramref name="number"/>: 112 x 112 x 3 bytes.</summary>
    public void Write(long number, Span<byte> view)
    {
        var order = OrderOf(number / crops.Count);
        var random = new SeededRandom(seed, (ulong)number);
        crops[order[number % crops.Count]].CopyTo(view);
        augmentation.Apply(view, crops, ref random);
    }

    int[] OrderOf(long round)
    {
        lock (_lock)
        {
            if (_current.Round != round)
            {
                int[] order = [.. Enumerable.Range(0, crops.Count)];
                var random = new SeededRandom(seed ^ 0x9E3779B97F4A7C15, (ulong)round);
                for (var i = order.Length - 1; i > 0; i--)
                {
                    var j = random.Below(i + 1);
                    (order[i], order[j]) = (order[j], order[i]);
                }
                _current = (round, order);
            }
            return _current.Order;
        }
    }
}

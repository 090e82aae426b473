using EdgeFace.Models;

namespace EdgeFace.Training.Data;

/// <summary>Batches of crops, in order: views, changed, and embedded by the teacher on EdgeFace's own engine.</summary>
sealed class BatchQueue : IDisposable
{
    readonly Ahead<Batch> _ahead;
    readonly ViewSource _views;
    readonly FaceEmbedder? _teacher;
    readonly IReadOnlyList<int>? _people;
    readonly int _batch;

    /// <param name="teacher">Null where nothing is learnt from one.</param>
    /// <param name="people">The person of each crop; null where nobody asks.</param>
    /// <param name="first">The number of the first view.</param>
    /// <param name="workers">How many batches are made at once, each on a thread of its own.</param>
    public BatchQueue(ViewSource views, FaceEmbedder? teacher, IReadOnlyList<int>? people, int batch, long first, int workers)
    {
        (_views, _teacher, _people, _batch) = (views, teacher, people, batch);
        _ahead = new(Make, batch, first, workers);
    }

    /// <summary>The next batch.</summary>
    public Batch Take() => _ahead.Take();

    /// <summary>Waits until what is made ahead is made.</summary>
    public void Settle() => _ahead.Settle();

    Batch Make(long first)
    {
        var batch = new Batch(first, new byte[_batch * FaceEmbedder.CropBytes],
            new float[_teacher is null ? 0 : _batch * EdgeFaceConfig.EmbeddingSize],
            _people is null ? [] : [.. Enumerable.Range(0, _batch).Select(i => _people[_views.CropOf(first + i)])]);
        for (var i = 0; i < _batch; i++) _views.Write(first + i, batch.Views.AsSpan(i * FaceEmbedder.CropBytes, FaceEmbedder.CropBytes));
        _teacher?.EmbedBatch(batch.Views, _batch, batch.Teacher);
        return batch;
    }

    /// <summary>Waits for the batches in the making.</summary>
    public void Dispose() => _ahead.Dispose();
}

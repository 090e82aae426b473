using EdgeFace.Training.Data;
using EdgeFace.Training.Network;

namespace EdgeFace.Training.Detection;

/// <summary>The training of one of the detector's networks: from start or its last checkpoint to its end, or until it is told to stop.</summary>
sealed class DetectionRun : IDisposable
{
    readonly Recipe _recipe;
    readonly RunOptions _options;
    readonly DetectionSources _sources;
    readonly Action<string> _say;
    readonly RunFolder _folder;
    readonly PictureStore _pictures;
    readonly IDetectionViews _views;
    readonly ParameterBank _bank;
    readonly TrainingState _state;

    public DetectionRun(Recipe recipe, RunOptions options, DetectionSources sources, Action<string> say, CancellationToken stop = default)
    {
        (_recipe, _options, _sources, _say) = (recipe, options, sources, say);
        _folder = new(options.Out);
        try
        {
            var measured = options.Validation.SelectMany(list => DetectionValidation.PicturesOf(list, sources.ValidationSet)).Select(p => p.Image);
            _pictures = PictureStore.Open(sources.Faces, options.Data, options.Cache, say, measured, stop);
            _views = NewViews();
            _bank = NewBank(recipe);
            _state = new(_bank, recipe);
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    bool IsDetector => _recipe.Network == DetectorLayers.Detector;

    string Checkpoint => Path.Combine(_options.Out, TrainingRun.CheckpointName);

    /// <summary>The parameters of a recipe's network.</summary>
    public static ParameterBank NewBank(Recipe recipe)
        => new(recipe.Network, recipe.Network == DetectorLayers.Detector ? DetectorLayers.OfDetector : DetectorLayers.OfRefiner);

    /// <summary>The card of what was trained.</summary>
    public static ModelCard CardOf(Recipe recipe, string name, long views, string data) => new()
    {
        Name = name,
        Kind = recipe.Network == DetectorLayers.Detector ? "detector" : "refiner",
        Architecture = "docs/detector.md",
        Training = FormattableString.Invariant($"Trained by edgeface-train: {views} views. Recipe: {recipe.ToJson()}"),
        Data = data,
        NonCommercial = true,
        Licence = TrainedCard.UnstatedLicence,
        CandidateScore = recipe.Network == DetectorLayers.Detector ? recipe.Detection!.CandidateScore : null,
        LeastScore = recipe.Network == DetectorLayers.Detector ? recipe.Detection!.LeastScore : null,
    };

    /// <summary>Trains. Gives whether the recipe's end was reached.</summary>
    public bool Run(CancellationToken stop)
    {
        var data = $"{_pictures.Count} pictures with {_pictures.Faces.Count} annotated faces; {_views.About}";
        long? reached = Begin(data) ? _state.Views : null;
        using var validation = _options.Validation is [var list] && _sources.Partner is { } partner
            ? new DetectionValidation(list, _sources.ValidationSet, partner, IsDetector) : null;
        using var trainer = new DetectionTrainer(_bank, _recipe, _options.Threads, _views);
        var events = new EventFile(_options.Out, reached);
        RunTable training = new(Path.Combine(_options.Out, TrainingRun.TrainingTable),
            ["views", "steps", "seconds", "rate", .. trainer.LossNames, "gradient", "viewsPerSecond"], reached, events);
        RunTable figures = new(Path.Combine(_options.Out, TrainingRun.ValidationTable),
            ["views", "seconds", "averagePrecision", "recallAt0.1", .. validation?.Groups ?? []], reached, events);
        _say($"{_recipe.Network}: {_bank.Values.numel():N0} parameters, {data}");
        if (_state.Views == 0) Validate(validation, figures, data);
        var end = Math.Min(_recipe.Views, _options.StopAfter ?? long.MaxValue);
        Loop(trainer, validation, training, figures, data, end, stop);
        Save(data);
        var done = _state.Views >= _recipe.Views;
        if (done) Validate(validation, figures, data);
        else WriteModel(data);
        TrainingRun.WritePage(_options.Out, $"{_recipe.Network}: {_state.Views:N0} of {_recipe.Views:N0} views", $"{_recipe.About} Data: {data}.");
        _say(done ? $"done: {Path.Combine(_options.Out, TrainingRun.ModelName)}"
            : $"stopped after {_state.Views:N0} of {_recipe.Views:N0} views; the same command goes on from there");
        return done;
    }

    IDetectionViews NewViews()
    {
        using var teacher = ModelFile.Open(_options.Teacher!);
        var by = $"teacher {teacher.WeightsSha256[..16]}";
        if (IsDetector) return new WindowViews(_pictures, new(teacher), _recipe, _options.Workers, by);
        using var detector = ModelFile.Open(_sources.Partner!);
        var of = $"candidates of {detector.WeightsSha256[..16]}, {by}";
        return new PatchViews(_pictures, new(_pictures, detector, teacher, _options.Workers), _recipe, _options.Workers, of);
    }

    bool Begin(string data)
    {
        if (_state.Resume(Checkpoint, _recipe, data, _say) is not null) return true;
        if (_options.Start is { } start)
        {
            using var model = ModelFile.Open(start);
            DetectorStart.From(model, _bank);
        }
        else Uncollected.Run(0, () => DetectorStart.Fresh(_bank, _recipe.Seed));
        _state.ResetAverage();
        return false;
    }

    void Loop(DetectionTrainer trainer, DetectionValidation? validation, RunTable training, RunTable figures, string data, long end,
        CancellationToken stop)
    {
        using var queue = new Ahead<DetectionBatch>(Make, _recipe.Batch, _state.Views, _options.Workers);
        var loop = new TrainingLoop(_recipe, _options, _state, [.. trainer.LossNames, "gradient"], training, _say);
        loop.Run(() =>
        {
            var batch = queue.Take();
            // Batches in the making are allocated meanwhile.
            var ahead = (2L + _options.Workers) * (batch.Views.Length + sizeof(float) * batch.Targets.Length);
            return Uncollected.Run<float[]>(ahead, () => [.. trainer.Run(batch), (float)_state.Step(_recipe)]);
        }, ValidateAndGoOn, () => Save(data), end, stop);

        bool ValidateAndGoOn()
        {
            Validate(validation, figures, data);
            return true;
        }
    }

    DetectionBatch Make(long first)
    {
        int bytes = 3 * _views.Side * _views.Side, values = _views.TargetValues;
        var batch = new DetectionBatch(new byte[_recipe.Batch * bytes], new float[_recipe.Batch * values]);
        for (var i = 0; i < _recipe.Batch; i++)
            _views.Write(first + i, batch.Views.AsSpan(i * bytes, bytes), batch.Targets.AsSpan(i * values, values));
        return batch;
    }

    void Validate(DetectionValidation? validation, RunTable figures, string data)
    {
        var model = WriteModel(data);
        // A run that is started again at its end, or at a validation, has its row already.
        if (validation is null || figures.LastViews == _state.Views) return;
        using var file = ModelFile.Open(model);
        var measured = validation.Measure(file, _options.Threads);
        var groups = string.Join(", ", validation.Groups.Select((g, i) => FormattableString.Invariant($"{g} {measured[i + 2]:f4}")));
        _say(FormattableString.Invariant(
            $"{_state.Views,10} views: average precision {measured[0]:f4}, recall at 0.1 false a picture {measured[1]:f4}; {groups}"));
        figures.Add(_state.Views, [_state.Seconds, .. measured]);
    }

    void Save(string data) => _state.Save(Checkpoint, _state.Facts(_recipe, data));

    /// <summary>Writes the averaged weights as a model.</summary>
    string WriteModel(string data)
    {
        var path = Path.Combine(_options.Out, TrainingRun.ModelName);
        ModelFile.Write(path, Start.Tensors(_bank, _state.Average), CardOf(_recipe, _recipe.Network + "-trained", _state.Views, data));
        return path;
    }

    public void Dispose()
    {
        _state?.Dispose();
        _bank?.Dispose();
        _views?.Dispose();
        _pictures?.Dispose();
        _folder.Dispose();
    }
}

using System.Diagnostics;
using EdgeFace.Training.Data;
using EdgeFace.Training.Heads;
using EdgeFace.Training.Losses;
using EdgeFace.Training.Network;
using EdgeFace.Weights;

namespace EdgeFace.Training;

/// <summary>A run from start, or from its last checkpoint, to its end, or until it is told to stop.</summary>
sealed class TrainingRun : IDisposable
{
    /// <summary>The table of losses, in the folder of a run.</summary>
    public const string TrainingTable = "training.csv";

    /// <summary>The averaged weights as a model, in the folder of a run.</summary>
    public const string ModelName = "model.safetensors";

    /// <summary>The licence of what comes out: it follows from those of teacher and data, which the program does not know.</summary>
    public const string UnstatedLicence = "non-commercial research use: state the licences of teacher and data here";

    const string CheckpointName = "checkpoint.safetensors", ValidationTable = "validation.csv", PageName = "page.html", CentresName = "centres.work";

    readonly Recipe _recipe;
    readonly RunOptions _options;
    readonly Action<string> _say;
    readonly RunFolder _folder;
    readonly ParameterBank _bank;
    readonly int _people;
    readonly CropStore _crops;
    readonly TrainingState _state;

    public TrainingRun(Recipe recipe, RunOptions options, Action<string> say, CancellationToken stop = default)
    {
        (_recipe, _options, _say) = (recipe, options, say);
        _folder = new(options.Out);
        try
        {
            _crops = CropStore.Open(options.Data, options.Cache, say, recipe.Head is not null, stop);
            _people = Math.Min(_crops.PeopleCount, options.People ?? int.MaxValue);
            _bank = new(recipe.Config);
            _state = new(_bank, recipe, recipe.Head is { } head ? new(OpenCentres(), head, recipe.Seed) : null);
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    string Checkpoint => Path.Combine(_options.Out, CheckpointName);

    /// <summary>Trains. Gives whether the recipe's end was reached.</summary>
    public bool Run(CancellationToken stop)
    {
        using var teacherFile = _options.Teacher is { } path ? ModelFile.Open(path) : null;
        using var teacher = teacherFile is null ? null : new FaceEmbedder(teacherFile, new EmbedderOptions { BatchThreads = 1 });
        using var torchTeacher = TorchTeacher.For(_recipe, teacherFile);
        var chosen = Chosen();
        string[] known =
        [
            $"{chosen?.Length ?? _crops.Count} crops of {string.Join(", ", _options.Data.Select(d => Path.GetFileName(d.TrimEnd('/'))))}",
            .. _state.Head is null ? Array.Empty<string>() : [$"{_people} people"],
            .. teacher is null ? Array.Empty<string>() : [$"teacher {teacher.Contract.Model} {teacher.Contract.WeightsSha256}"],
        ];
        var data = string.Join("; ", known);
        // Without a checkpoint the run begins, whatever tables lie there.
        var views = new ViewSource(_crops, Changes, (ulong)_recipe.Seed, chosen);
        long? reached = Begin(data, teacher, views, stop) ? _state.Views : null;
        var validation = new ValidationSets(_options.Validation, teacher, _say);
        var losses = teacher is null ? null : new LossSum(_recipe.Losses);
        using var trainer = new Trainer(_bank, _recipe, _options.Threads, losses, _state.Head, torchTeacher);
        var events = new EventFile(_options.Out, reached);
        RunTable training = new(Path.Combine(_options.Out, TrainingTable),
            ["views", "steps", "seconds", "rate", .. trainer.LossNames, "gradient", "viewsPerSecond"], reached, events);
        RunTable figures = new(Path.Combine(_options.Out, ValidationTable), ["views", "seconds", .. validation.Columns], reached, events);
        _say($"{_recipe.Config.Name}: {_bank.Config.ParameterCount:N0} parameters, {data}");
        if (_state.Views == 0) Validate(validation, figures);
        var end = Math.Min(_recipe.Views, _options.StopAfter ?? long.MaxValue);
        Loop(trainer, views, torchTeacher is null ? teacher : null, validation, training, figures, data, end, stop);
        Save(data);
        var done = _state.Views >= _recipe.Views;
        if (done) Validate(validation, figures);
        else WriteModel();
        WritePage(_options.Out, $"{_recipe.Config.Name}: {_state.Views:N0} of {_recipe.Views:N0} views", $"{_recipe.About} Data: {data}.");
        _say(done ? $"done: {Path.Combine(_options.Out, ModelName)}"
            : $"stopped after {_state.Views:N0} of {_recipe.Views:N0} views; the same command goes on from there");
        return done;
    }

    /// <summary>Writes the tables in a folder as a page with curves, and gives its path.</summary>
    public static string WritePage(string folder, string title, string about)
    {
        var path = Path.Combine(folder, PageName);
        RunPage.Write(path, title, about, ("Training", Path.Combine(folder, TrainingTable)), ("Validation", Path.Combine(folder, ValidationTable)));
        return path;
    }

    // Gives whether there is a checkpoint to go on from.
    bool Begin(string data, FaceEmbedder? teacher, ViewSource views, CancellationToken stop)
    {
        if (File.Exists(Checkpoint))
        {
            var facts = _state.Load(Checkpoint);
            if (facts.Data != data)
                throw new TrainingException($"{Checkpoint} was trained on other data or by another teacher: {facts.Data}. "
                    + $"Now it is: {data}. Choose another --out.");
            if (facts.Recipe.Seed != _recipe.Seed || facts.Recipe.Batch != _recipe.Batch)
                throw new TrainingException($"{Checkpoint} was trained with another seed or batch; choose another --out");
            if (facts.Recipe.ToJson() != _recipe.ToJson()) _say("the recipe was changed since the checkpoint; the run goes on with the new one");
            _say($"going on after {_state.Views:N0} views");
            return true;
        }
        if (_options.Start is { } start)
        {
            using var model = ModelFile.Open(start);
            Start.From(model, _bank);
        }
        else Start.Fresh(_bank, _recipe.Seed);
        if (_options.FitHead is { } count) FitHead(teacher!, views, count, stop);
        _state.ResetAverage();
        return false;
    }

    void FitHead(FaceEmbedder teacher, ViewSource views, long count, CancellationToken stop)
    {
        using var fit = new HeadFit(_bank);
        // A module that is disposed takes its parameters along.
        using var bank = _bank.Replica();
        using var network = new EdgeFaceModule(bank);
        // Views that no run comes to.
        using var queue = new BatchQueue(views, teacher, null, _recipe.Part, long.MaxValue / 2 / _recipe.Part * _recipe.Part, _options.Workers);
        for (long done = 0; done < count; done += _recipe.Part)
        {
            stop.ThrowIfCancellationRequested();
            fit.Add(network, queue.Take());
        }
        fit.Apply();
        _say($"head fitted to the teacher's embeddings of {count} views");
    }

    Augmentation Changes => new(_recipe.ChangedShare, _recipe.Strength, _recipe.ReferenceLoader, NewPeople: _state.Head is null);

    /// <summary>The crops of the people that are asked for; null for all.</summary>
    int[]? Chosen()
        => _options.People is null ? null : [.. Enumerable.Range(0, _crops.Count).Where(i => _crops.People[i] < _people)];

    /// <summary>The centres to work on: a new file, or a copy of the checkpoint's.</summary>
    ClassCentres OpenCentres()
    {
        var work = Path.Combine(_options.Out, CentresName);
        if (!File.Exists(Checkpoint)) ClassCentres.Create(work, _people, _recipe.Seed);
        else
        {
            using var file = SafeTensors.Read(Checkpoint);
            var saved = SavedCentres(CheckpointFacts.Of(file)?.Views ?? 0);
            if (!File.Exists(saved))
                throw new TrainingException($"{saved}: the centres of the checkpoint beside it are missing; choose another --out");
            File.Copy(saved, work, overwrite: true);
        }
        return new(work, _people);
    }

    string SavedCentres(long views) => Path.Combine(_options.Out, FormattableString.Invariant($"centres-{views}.bin"));

    // Centres first: until the checkpoint names the new ones, it has the old.
    void Save(string data)
    {
        var centres = SavedCentres(_state.Views);
        _state.Head?.All.Save(centres);
        _state.Save(Checkpoint, _recipe, data);
        foreach (var old in Directory.GetFiles(_options.Out, "centres-*.bin").Where(f => f != centres)) File.Delete(old);
    }

    void Loop(Trainer trainer, ViewSource views, FaceEmbedder? teacher, ValidationSets validation, RunTable training, RunTable figures, string data,
        long end, CancellationToken stop)
    {
        if (_state.Views >= end) return;
        var people = _state.Head is null ? null : _crops.People;
        using var queue = new BatchQueue(views, teacher, people, _recipe.Batch, _state.Views, _options.Workers);
        var lines = new LossLines([.. trainer.LossNames, "gradient"], _recipe.Batch, training, _say);
        Stopwatch sinceSave = Stopwatch.StartNew(), timed = Stopwatch.StartNew();
        while (_state.Views < end && !stop.IsCancellationRequested)
        {
            var rate = _recipe.Schedule.At(_state.Views);
            var before = _state.Views;
            var batch = queue.Take();
            // Batches in the making are allocated meanwhile.
            var ahead = (2L + _options.Workers) * batch.Views.Length;
            lines.Add(Uncollected.Run<float[]>(ahead, () => [.. trainer.Run(batch), (float)_state.Step(_recipe, trainer.Norms)]));
            var isValidationDue = _options.ValidateViews > 0 && before / _options.ValidateViews != _state.Views / _options.ValidateViews
                && _state.Views < _recipe.Views;
            if (lines.IsDue || isValidationDue || _state.Views >= end)
            {
                lines.Write(_state, _state.Seconds + timed.Elapsed.TotalSeconds, rate);
                // Left alone, the collector lets handles of tensors and views pile up to gigabytes.
                GC.Collect();
            }
            if (isValidationDue)
            {
                CountTime();
                Validate(validation, figures);
                timed.Restart();
                lines.Restart();
            }
            if (sinceSave.Elapsed.TotalMinutes < _options.SaveMinutes) continue;
            CountTime();
            Save(data);
            sinceSave.Restart();
        }
        CountTime();

        void CountTime()
        {
            _state.Seconds += timed.Elapsed.TotalSeconds;
            timed.Restart();
        }
    }

    void Validate(ValidationSets validation, RunTable figures)
    {
        var model = WriteModel();
        // A run that is started again at its end, or at a validation, has its row already.
        if (validation.IsEmpty || figures.LastViews == _state.Views) return;
        using var file = ModelFile.Open(model);
        var (lines, values) = validation.Measure(file, _options.Threads);
        foreach (var line in lines) _say($"{_state.Views,10} views: {line}");
        figures.Add(_state.Views, [_state.Seconds, .. values]);
    }

    /// <summary>Writes the averaged weights as a model.</summary>
    string WriteModel()
    {
        var path = Path.Combine(_options.Out, ModelName);
        var how = _options.Teacher is { } teacher ? $"Distilled from {Path.GetFileName(teacher)}" : "Trained on labelled crops";
        ModelFile.Write(path, Start.Tensors(_bank, _state.Average), new ModelCard
        {
            Name = _recipe.Config.Name + (_options.Teacher is null ? "-trained" : "-distilled"),
            Kind = "recogniser",
            Architecture = _recipe.Config.Name,
            Training = FormattableString.Invariant($"{how} by edgeface-train: {_state.Views} views. Recipe: {_recipe.ToJson()}"),
            NonCommercial = true,
            Licence = UnstatedLicence,
        });
        return path;
    }

    public void Dispose()
    {
        _state?.Dispose();
        _bank?.Dispose();
        _crops?.Dispose();
        _folder.Dispose();
    }
}

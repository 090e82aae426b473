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

    /// <summary>All that changes, in the folder of a run.</summary>
    public const string CheckpointName = "checkpoint.safetensors";

    /// <summary>The table of what was measured, in the folder of a run.</summary>
    public const string ValidationTable = "validation.csv";

    const string PageName = "page.html", CentresName = "centres.work";

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
        var chosen = Chosen();
        string[] known =
        [
            $"{chosen?.Length ?? _crops.Count} crops of {string.Join(", ", _options.Data.Select(d => Path.GetFileName(d.TrimEnd('/'))))}",
            .. _state.Head is null ? Array.Empty<string>() : [$"{_people} people"],
            .. teacher is null ? Array.Empty<string>() : [$"teacher {teacher.Contract.Model} {teacher.Contract.WeightsSha256}"],
        ];
        var data = string.Join("; ", known);
        // Without a checkpoint the run begins, whatever tables lie there.
        long? reached = Begin(data) ? _state.Views : null;
        var validation = _options.Validation is { } folder ? new Validation(folder, teacher) : null;
        var losses = teacher is null ? null : new LossSum(_recipe.Losses);
        using var trainer = new Trainer(_bank, _recipe, _options.Threads, losses, _state.Head);
        RunTable training = new(Path.Combine(_options.Out, TrainingTable),
            ["views", "steps", "seconds", "rate", .. trainer.LossNames, "gradient", "viewsPerSecond"], reached);
        RunTable figures = new(Path.Combine(_options.Out, ValidationTable),
            ["views", "seconds", "agreement", "agreementP10", "accuracy", "fnmrAtFmr1e-4"], reached);
        _say($"{_recipe.Config.Name}: {_bank.Config.ParameterCount:N0} parameters, {data}");
        if (_state.Views == 0) Validate(validation, figures);
        var end = Math.Min(_recipe.Views, _options.StopAfter ?? long.MaxValue);
        var views = new ViewSource(_crops, Changes, (ulong)_recipe.Seed, chosen);
        Loop(trainer, views, teacher, validation, training, figures, data, end, stop);
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
    bool Begin(string data)
    {
        if (_state.Resume(Checkpoint, _recipe, data, _say)) return true;
        if (_options.Start is { } start)
        {
            using var model = ModelFile.Open(start);
            Start.From(model, _bank);
        }
        else Start.Fresh(_bank, _recipe.Seed);
        _state.ResetAverage();
        return false;
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

    void Loop(Trainer trainer, ViewSource views, FaceEmbedder? teacher, Validation? validation, RunTable training, RunTable figures, string data,
        long end, CancellationToken stop)
    {
        var people = _state.Head is null ? null : _crops.People;
        using var queue = new BatchQueue(views, teacher, people, _recipe.Batch, _state.Views, _options.Workers);
        var loop = new TrainingLoop(_recipe, _options, _state, [.. trainer.LossNames, "gradient"], training, _say);
        loop.Run(() =>
        {
            var batch = queue.Take();
            // Batches in the making are allocated meanwhile.
            var ahead = (2L + _options.Workers) * batch.Views.Length;
            return Uncollected.Run<float[]>(ahead, () => [.. trainer.Run(batch), (float)_state.Step(_recipe, trainer.Norms)]);
        }, () => Validate(validation, figures), () => Save(data), end, stop);
    }

    void Validate(Validation? validation, RunTable figures)
    {
        var model = WriteModel();
        // A run that is started again at its end, or at a validation, has its row already.
        if (validation is null || figures.LastViews == _state.Views) return;
        using var file = ModelFile.Open(model);
        var f = validation.Measure(file, _options.Threads);
        var agreement = f.Agreement is { } mean ? FormattableString.Invariant($"agreement {mean:f4}, 10th percentile {f.AgreementP10:f4}, ") : "";
        var rates = FormattableString.Invariant($"accuracy {100 * f.Accuracy:f2} %, FNMR at FMR 1e-4 {100 * f.Fnmr:f2} %");
        _say($"{_state.Views,10} views: {agreement}{rates}");
        figures.Add(_state.Views, _state.Seconds, f.Agreement, f.AgreementP10, f.Accuracy, f.Fnmr);
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

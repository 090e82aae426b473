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

    /// <summary>All that changes, in the folder of a run.</summary>
    public const string CheckpointName = "checkpoint.safetensors";

    /// <summary>The table of what was measured, in the folder of a run.</summary>
    public const string ValidationTable = "validation.csv";

    const string PageName = "page.html", CentresName = "centres.work", CandidateName = "candidate.safetensors";

    readonly Recipe _recipe;
    readonly RunOptions _options;
    readonly Action<string> _say;
    readonly RunFolder _folder;
    readonly ParameterBank _bank;
    readonly int _people;
    readonly CropStore _crops;
    readonly TrainingState _state;
    readonly HashSet<int> _leftOut = [];
    ModelCard _stated;
    string _data = "";
    ValidationFigures? _start, _last;
    string? _forgotten;

    public TrainingRun(Recipe recipe, RunOptions options, Action<string> say, CancellationToken stop = default)
    {
        (_recipe, _options, _say) = (recipe, options, say);
        RequireGuarded();
        _stated = options.Stated ?? TrainedCard.Unstated(recipe.Config.Name + (options.Teacher is null ? "-trained" : "-distilled"));
        _folder = new(options.Out);
        try
        {
            _crops = CropStore.Open(options.Data, options.Cache, say, recipe.Head is not null, options.Beside,
                options.Without is not null, stop);
            _leftOut = LeftOut();
            _people = Math.Min(_crops.PeopleCount, options.People ?? int.MaxValue);
            if (recipe.Head is not null && _people < 2)
                throw new TrainingException($"{string.Join(", ", options.Data)}: people are told apart, and there is one alone");
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
        var (chosen, beside) = (Chosen(), Beside());
        _stated = TrainedCard.From(_stated, Models(teacherFile));
        string[] known =
        [
            $"{chosen?.Length ?? _crops.Count} crops of {string.Join(", ", _options.Data.Select(TrainedCard.NameOf))}",
            .. _leftOut.Count == 0 ? Array.Empty<string>() : [$"without {_leftOut.Count} crops"],
            .. beside is null ? Array.Empty<string>()
                : [$"beside them {beside.Length} of {string.Join(", ", _options.Beside!.Select(TrainedCard.NameOf))}"],
            .. _state.Head is null ? Array.Empty<string>() : [$"{_people} people"],
            .. teacher is null ? Array.Empty<string>() : [$"teacher {teacher.Contract.Model} {teacher.Contract.WeightsSha256}"],
        ];
        _data = string.Join("; ", known);
        // Without a checkpoint the run begins, whatever tables lie there.
        var views = new ViewSource(_crops, Changes, (ulong)_recipe.Seed, chosen, beside, _recipe.BesideShare);
        long? reached = Begin(teacher, views, chosen, stop) ? _state.Views : null;
        var validation = new ValidationSets(_options.Validation, teacher, _say);
        var losses = teacher is null || !LearnsFromTeacher ? null : new LossSum(_recipe.Losses);
        using var trainer = new Trainer(_bank, _recipe, _options.Threads, losses, _state.Head, torchTeacher);
        var events = new EventFile(_options.Out, reached);
        RunTable training = new(Path.Combine(_options.Out, TrainingTable),
            ["views", "steps", "seconds", "rate", .. trainer.LossNames, "gradient", "viewsPerSecond"], reached, events);
        RunTable figures = new(Path.Combine(_options.Out, ValidationTable), ["views", "seconds", .. validation.Columns], reached, events);
        _say($"{_recipe.Config.Name}: {_bank.Config.ParameterCount:N0} parameters, {_data}");
        if (_state.Views == 0) Validate(validation, figures);
        var end = Math.Min(_recipe.Views, _options.StopAfter ?? long.MaxValue);
        var asked = torchTeacher is null && (losses is not null || _recipe.Head is { AdaDistill: true }) ? teacher : null;
        Loop(trainer, views, asked, validation, training, figures, end, stop);
        Save();
        if (_state.Views >= _recipe.Views && _forgotten is null) Validate(validation, figures);
        else if (_recipe.Guard is null) WriteModel(ModelName);
        var done = _state.Views >= _recipe.Views && _forgotten is null;
        if (_forgotten is not null) Save();
        WritePage(_options.Out, $"{_recipe.Config.Name}: {_state.Views:N0} of {_recipe.Views:N0} views", $"{_recipe.About} Data: {_data}.");
        // Who stopped it waits for no figures: export measures them.
        if (validation.WithPeople is { } crops && File.Exists(Model) && !stop.IsCancellationRequested)
            _say(MeasuredCard.Write(Model, crops, done && _last is { Agreement: { } mean, AgreementP10: { } p10 } ? (mean, p10) : null));
        if (_forgotten is not null) throw Forgotten();
        _say(done ? $"done: {Model}"
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

    string Model => Path.Combine(_options.Out, ModelName);

    TrainingException Forgotten() => new($"stopped after {_state.Views:N0} views: {_forgotten}. {Model} is the last that held. Begin anew in "
        + "another --out with lower rates, less weight of the head, or more of besideShare; or change the guard and go on.");

    /// <summary>A guard compares figures, so there have to be some.</summary>
    void RequireGuarded()
    {
        if (_recipe.Guard is not null && _options.Validation.Count == 0)
            throw new RecipeException("the recipe's guard against forgetting compares figures of a validation: give --validation");
        if (_recipe.Head is { FromTeacher: true } && _options.Teacher is null)
            throw new RecipeException("head.fromTeacher lets centres begin where the teacher sees people: give --teacher");
        if (_recipe.Head is { AdaDistill: true } && _options.Teacher is null)
            throw new RecipeException("with head.adaDistill centres follow the teacher: give --teacher");
        if (_options.Beside is { Count: > 0 } && _options.Teacher is null)
            throw new RecipeException("crops beside the people's are there for the teacher's losses: give --teacher");
        if (_options.Beside is { Count: > 0 } && !LearnsFromTeacher)
            throw new RecipeException("crops beside the people's are there for the teacher's losses, and none of the recipe's has a weight");
    }

    /// <summary>Whether a loss compares embeddings with the teacher's.</summary>
    bool LearnsFromTeacher => _recipe.Losses.Values.Any(w => w > 0);

    /// <summary>The models that this one is made from.</summary>
    (string Role, ModelCard Card, string Weights)[] Models(ModelFile? teacher)
    {
        using var start = _options.Start is null ? null : ModelFile.Open(_options.Start);
        if (teacher is not null && teacher.WeightsSha256 == start?.WeightsSha256) return [Of("start and teacher", teacher)];
        return [.. new[] { ("start", start), ("teacher", teacher) }.Where(m => m.Item2 is not null).Select(m => Of(m.Item1, m.Item2!))];

        static (string, ModelCard, string) Of(string role, ModelFile model) => (role, model.Card, model.WeightsSha256);
    }

    // Gives whether there is a checkpoint to go on from.
    bool Begin(FaceEmbedder? teacher, ViewSource views, int[]? chosen, CancellationToken stop)
    {
        if (_state.Resume(Checkpoint, _recipe, _data, _say) is { } facts)
        {
            if (_options.Stated is null && facts.Card is { } stated) _stated = stated;
            (_start, _forgotten) = (facts.Start, facts.Forgotten);
            if (_forgotten is not null && facts.Recipe.Guard == _recipe.Guard) throw Forgotten();
            _forgotten = null;
            if (_recipe.Guard is not null && _start is null)
                throw new TrainingException($"{Checkpoint}: the run began without --validation, so nothing is known to guard; choose another --out");
            return true;
        }
        if (_options.Start is { } start)
        {
            using var model = ModelFile.Open(start);
            if (model.Network is { PlainHead: true } && _bank.Config is { Gamma: not null, PlainHead: false } && _options.FitHead is null)
                _say($"the last layer of {start} is plain, and is cut to the rank of the recipe's, which loses much of what it knows: "
                    + "\"plainHead\": true in the recipe keeps it, --fit-head N fits the lower rank to the teacher");
            Start.From(model, _bank);
        }
        else Uncollected.Run(0, () => Start.Fresh(_bank, _recipe.Seed));
        if (_options.FitHead is { } count) FitHead(teacher!, views, count, stop);
        _state.ResetAverage();
        if (_recipe.Head is { FromTeacher: true })
            TeacherCentres.Write(_state.Head!.All, _crops, chosen ?? [.. Enumerable.Range(0, _crops.Count)], teacher!, stop);
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
            var batch = queue.Take();
            Uncollected.Run(2L * batch.Views.Length, () => fit.Add(network, batch));
        }
        Uncollected.Run(0, fit.Apply);
        _say($"head fitted to the teacher's embeddings of {count} views");
    }

    Augmentation Changes => new(_recipe.ChangedShare, _recipe.Strength, _recipe.ReferenceLoader, NewPeople: _state.Head is null);

    /// <summary>The crops of the people that are asked for; null for all there are.</summary>
    int[]? Chosen()
        => _options is { People: null, Beside: not { Count: > 0 } } && _leftOut.Count == 0 ? null
            : Shown(i => _state.Head is null || _crops.People[i] >= 0 && _crops.People[i] < _people);

    /// <summary>The crops beside them; null for none.</summary>
    int[]? Beside() => _options.Beside is { Count: > 0 } ? Shown(i => _crops.People[i] < 0) : null;

    int[] Shown(Func<int, bool> isAsked)
    {
        int[] shown = [.. Enumerable.Range(0, _crops.Count).Where(i => !_leftOut.Contains(i) && isAsked(i))];
        return shown.Length > 0 ? shown : throw new TrainingException($"{_options.Without}: leaves no crop to be shown");
    }

    /// <summary>The crops that the user leaves out.</summary>
    HashSet<int> LeftOut()
    {
        if (_options.Without is not { } file) return [];
        if (!File.Exists(file)) throw new RecipeException($"--without {file}: no such file");
        HashSet<string> names = [.. File.ReadLines(file).Where(l => l.Length > 0)];
        HashSet<int> found = [.. Enumerable.Range(0, _crops.Count).Where(i => names.Contains(_crops.Names[i].Name))];
        if (found.Count > 0 || names.Count == 0) return found;
        throw new RecipeException($"--without {file}: names no crop of the data; 'edgeface-train check-leaks --write' makes such a file");
    }

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
    void Save()
    {
        var centres = SavedCentres(_state.Views);
        _state.Head?.All.Save(centres);
        _state.Save(Checkpoint, Facts with { Card = _stated, Start = _start, Forgotten = _forgotten });
        foreach (var old in Directory.GetFiles(_options.Out, "centres-*.bin").Where(f => f != centres)) File.Delete(old);
    }

    void Loop(Trainer trainer, ViewSource views, FaceEmbedder? teacher, ValidationSets validation, RunTable training, RunTable figures, long end,
        CancellationToken stop)
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
        }, ValidateAndGoOn, Save, end, stop);

        bool ValidateAndGoOn()
        {
            Validate(validation, figures);
            return _forgotten is null;
        }
    }

    void Validate(ValidationSets validation, RunTable figures)
    {
        // A run that is started again at its end, or at a validation, has its row already.
        if (validation.IsEmpty || figures.LastViews == _state.Views)
        {
            WriteModel(ModelName);
            return;
        }
        var model = WriteModel(CandidateName);
        ValidationResult found;
        using (var file = ModelFile.Open(model)) found = validation.Measure(file, _options.Threads);
        _last = found.First;
        if (_state.Views == 0) _start = found.First;
        _forgotten = _start is { } start ? _recipe.Guard?.Broken(start, found.First) : null;
        if (_forgotten is null) File.Move(model, Model, overwrite: true);
        else File.Delete(model);
        foreach (var line in found.Lines) _say($"{_state.Views,10} views: {line}");
        figures.Add(_state.Views, [_state.Seconds, .. found.Values]);
    }

    CheckpointFacts Facts => _state.Facts(_recipe, _data);

    /// <summary>Writes the averaged weights as a model.</summary>
    string WriteModel(string name)
    {
        var path = Path.Combine(_options.Out, name);
        var weights = Start.Tensors(_bank, _state.Average);
        var how = _options.Teacher is null ? "Trained on labelled crops"
            : $"{(_recipe.Head is null ? "Distilled" : "Trained on labelled crops and distilled")} from {Path.GetFileName(_options.Teacher)}";
        ModelFile.Write(path, weights, TrainedCard.Of(_stated, how, Facts, weights));
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

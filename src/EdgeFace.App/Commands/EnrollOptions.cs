using System.CommandLine;

namespace EdgeFace.App.Commands;

/// <summary>The options of <c>enroll</c>, and which go together.</summary>
sealed class EnrollOptions
{
    public PictureInputs Inputs { get; } = new("input",
        "Folders with a folder for each person, and lists (.csv with the columns name,image and perhaps key,metadata,face); "
        + "or, with --name or --id, pictures and folders of pictures of one person.");

    public GalleryOpener Opener { get; } = new();

    public Option<string?> Name { get; } = new("--name") { Description = "Who it is." };

    public Option<string?> Key { get; } = new("--key")
    {
        Description = "What another system calls that person; unique in a gallery.", HelpName = "KEY",
    };

    public Option<long?> Id { get; } = new Option<long?>("--id")
    {
        Description = "The person of the gallery with this number, who gets the samples.", HelpName = "N",
    }.In(NumberRange.Positive<long>());

    public Option<string?> Face { get; } = CommonOptions.Face("Without it, a picture with several faces is left out.");

    public Option<bool> KeepCrops { get; } = new("--keep-crops")
    {
        Description = "Store the crops too, so that 'gallery reembed' needs no pictures. Crops are pictures of people.",
    };

    public Option<int?> MaxSamples { get; } = new Option<int?>("--max-samples")
    {
        Description = "Of a new gallery: most samples a person may have, 1 to 1000. Default 10.", HelpName = "N",
    }.In(NumberRange.Between(1, 1000));

    public ThresholdOptions Decision { get; } = new();

    public OutputOption Report { get; } = new("--report")
    {
        Description = "Write what --json prints to this file: what could not be enrolled and why, and who resembles whom.", HelpName = "FILE",
    };

    public Option<bool> Strict { get; } = new("--strict")
    {
        Description = "Refuse, instead of only telling, an image that another person has, "
            + "and a key that comes with another name than its person has.",
    };

    public Option<bool> Queue { get; } = new("--queue")
    {
        Description = "Enrol nothing now: put the pictures into the queue of a gallery in PostgreSQL, "
            + "by paths that mean the same to all workers.",
    };

    public Option<bool> Work { get; } = new("--work")
    {
        Description = "Enrol what is in the queue, beside other processes that do the same, until nothing is left. "
            + "Ctrl-C ends after the pictures in hand.",
    };

    public Option<bool> Retry { get; } = new("--retry") { Description = "With --work: try what failed before once more." };

    public GateOption Gate { get; } = new("leave the picture out");

    public PipelineInput Models { get; } = new();

    public Option<bool> Json { get; } = CommonOptions.Json();

    public void AddTo(Command command)
    {
        Inputs.AddTo(command);
        Opener.AddTo(command);
        foreach (var option in (Option[])[Name, Key, Id, Face, KeepCrops, MaxSamples, Decision.Fmr, Decision.Threshold, Decision.Calibration,
            Report, Strict, Queue, Work, Retry, Models.Model, Models.MirrorSum, Models.Aligned, Models.MinFace, Models.Detector, Gate.Option, Json])
            command.Add(option);
    }

    /// <summary>Refuses what does not go together.</summary>
    public void Require(ParseResult parsed)
    {
        var (queues, works) = (parsed.GetValue(Queue), parsed.GetValue(Work));
        var who = parsed.GetValue(Name) ?? parsed.GetValue(Key);
        if (queues || works) Opener.RequirePostgres(parsed, queues ? "--queue" : "--work");
        if (queues && works) throw new UsageException("--queue puts pictures into the queue and --work takes them out: one of the two.");
        if (works && (Inputs.IsGiven(parsed) || who is not null))
            throw new UsageException("--work takes its pictures from the queue: leave out the input, --name and --key.");
        if (works && (parsed.GetValue(Inputs.Null) || parsed.GetValue(Inputs.FollowLinks)))
            throw new UsageException("--null and --follow-links go with --queue, where pictures are looked for.");
        if (queues && (parsed.GetValue(Face) is not null || parsed.GetValue(KeepCrops)))
            throw new UsageException("--face and --keep-crops go with --work, where the pictures are read.");
        if (queues && parsed.GetValue(Models.MinFace) > 0)
            throw new UsageException("--min-face goes with --work, where faces are searched for.");
        if (queues && parsed.GetValue(Gate.Option) is not null)
            throw new UsageException("--gate goes with --work, where the pictures are read.");
        if (queues && parsed.GetValue(Strict)) throw new UsageException("--strict goes with --work, where the pictures are enrolled.");
        if (queues && !Decision.Of(parsed).IsDefault)
            throw new UsageException("--fmr, --threshold and --calibration go with --work, where it is decided who resembles whom.");
        if (parsed.GetValue(Retry) && !works) throw new UsageException("--retry goes with --work.");
        if (works && !Opener.Exists(parsed))
            throw new InputException("there is no gallery in this schema of the database: "
                + "fill its queue first, with 'edgeface enroll INPUT --queue'");
        if (parsed.GetValue(Id) is not null && (queues || works))
            throw new UsageException("--id does not go with the queue, whose workers find people by their external keys.");
        if (parsed.GetValue(Id) is not null && who is not null)
            throw new UsageException("--id says who it is: leave out --name and --key.");
        if (!works && !Inputs.IsGiven(parsed))
            throw new UsageException("say what to enrol: folders, lists or pictures. Try 'edgeface enroll --help'.");
    }
}

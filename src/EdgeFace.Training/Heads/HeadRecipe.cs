namespace EdgeFace.Training.Heads;

// Setters, as in Recipe.
/// <summary>How people are told apart: a softmax over one centre a person, with a margin.</summary>
sealed record HeadRecipe
{
    /// <summary>Which margin.</summary>
    public Margin Margin { get; set; }

    /// <summary>m.</summary>
    public double Size { get; set; } = 0.4;

    /// <summary>s, by which cosines are multiplied.</summary>
    public double Scale { get; set; } = 64;

    /// <summary>h: deviations of length over which AdaFace's z goes from 0 to 1 are 1 / h.</summary>
    public double Concentration { get; set; } = 0.333;

    /// <summary>The share of people whose centres take part in a step; those of the batch always do.</summary>
    public double SampleRate { get; set; } = 1;

    /// <summary>Its weight beside the parts that a teacher gives.</summary>
    public double Weight { get; set; } = 1;

    /// <summary>Whether each centre begins where the teacher sees the person, not anywhere.</summary>
    public bool FromTeacher { get; set; }

    /// <summary>Whether centres follow the teacher (AdaDistill) instead of being learnt.</summary>
    public bool AdaDistill { get; set; }

    /// <summary>What is wrong with it, or null.</summary>
    public string? Fault() => this switch
    {
        { Size: not (>= 0 and <= 1) } => "head.size lies in [0, 1]",
        { Scale: not (> 0 and <= 1000) } => "head.scale lies in (0, 1000]",
        { Concentration: not (> 0 and <= 10) } => "head.concentration lies in (0, 10]",
        { SampleRate: not (> 0 and <= 1) } => "head.sampleRate lies in (0, 1]",
        { Weight: not (> 0 and <= 1000) } => "head.weight lies in (0, 1000]",
        { AdaDistill: true, FromTeacher: true } =>
            "head.fromTeacher is for centres that are learnt: with head.adaDistill they begin anywhere and follow the teacher",
        _ when !Enum.IsDefined(Margin) => $"head.margin is one of {Recipe.Names<Margin>()}",
        _ => null,
    };
}

namespace EdgeFace.Evaluation;

/// <summary>
/// Scores of genuine and impostor pairs, sorted, optionally with the people they are of. Never changes. Either side may be empty: figures
/// that need it are then not supported.
/// </summary>
public sealed class ScoreSet
{
    readonly float[] _genuine, _impostor; // ascending

    /// <param name="genuine">Scores of pairs of one person, in any order.</param>
    /// <param name="impostor">Scores of pairs of two persons, in any order.</param>
    /// <exception cref="EvaluationDataException">A score is not a finite number.</exception>
    public ScoreSet(ReadOnlySpan<float> genuine, ReadOnlySpan<float> impostor)
    {
        EvaluationDataException.RequireFinite(genuine, "genuine score");
        EvaluationDataException.RequireFinite(impostor, "impostor score");
        _genuine = genuine.ToArray();
        _impostor = impostor.ToArray();
        Array.Sort(_genuine);
        Array.Sort(_impostor);
    }

    ScoreSet(ScoreSet other)
        => (_genuine, _impostor, GenuinePerson, ImpostorPersons, People)
            = (other._genuine, other._impostor, other.GenuinePerson, other.ImpostorPersons, other.People);

    ScoreSet(float[] genuine, float[] impostor, int[] genuinePerson, (int A, int B)[] impostorPersons, int people)
    {
        (_genuine, _impostor, GenuinePerson, ImpostorPersons, People) = (genuine, impostor, genuinePerson, impostorPersons, people);
        Array.Sort(_genuine, GenuinePerson);
        Array.Sort(_impostor, ImpostorPersons);
    }

    /// <summary>Scores of a list of pairs.</summary>
    /// <param name="same">True for a genuine pair.</param>
    /// <exception cref="EvaluationDataException">A score is not a finite number, or the lists differ in length.</exception>
    public static ScoreSet FromPairs(ReadOnlySpan<float> scores, ReadOnlySpan<bool> same)
    {
        EvaluationDataException.RequireEqualLengths(scores.Length, same.Length, "labels");
        EvaluationDataException.RequireFinite(scores, "score");
        List<float> genuine = [], impostor = [];
        for (var i = 0; i < scores.Length; i++) (same[i] ? genuine : impostor).Add(scores[i]);
        return new([.. genuine], [.. impostor]);
    }

    /// <summary>Scores of a list of pairs of known people, whom a <see cref="PersonBootstrap"/> can resample.</summary>
    /// <param name="personA">Number of the first image's person.</param>
    /// <param name="personB">Number of the second image's person; a pair is genuine where the two are equal.</param>
    /// <exception cref="EvaluationDataException">A score is not a finite number, or the lists differ in length.</exception>
    public static ScoreSet FromPairs(ReadOnlySpan<float> scores, ReadOnlySpan<int> personA, ReadOnlySpan<int> personB)
    {
        EvaluationDataException.RequireEqualLengths(scores.Length, personA.Length, "first people");
        EvaluationDataException.RequireEqualLengths(scores.Length, personB.Length, "second people");
        EvaluationDataException.RequireFinite(scores, "score");
        var people = new PersonNumbers();
        List<float> genuine = [], impostor = [];
        List<int> owners = [];
        List<(int, int)> both = [];
        for (var i = 0; i < scores.Length; i++)
        {
            int a = people.Of(personA[i]), b = people.Of(personB[i]);
            if (a == b) { genuine.Add(scores[i]); owners.Add(a); }
            else { impostor.Add(scores[i]); both.Add((a, b)); }
        }
        return new([.. genuine], [.. impostor], [.. owners], [.. both], people.Count);
    }

    /// <summary>Scores of genuine pairs, lowest first.</summary>
    public ReadOnlySpan<float> Genuine => _genuine;

    /// <summary>Scores of impostor pairs, lowest first.</summary>
    public ReadOnlySpan<float> Impostor => _impostor;

    /// <summary>How many people the pairs are of; 0 where that is not known.</summary>
    public int People { get; }

    /// <summary>
    /// Genuine pairs that could not be scored, because an image of theirs gave no embedding. They count as rejected in
    /// <see cref="OperatingPoint.Frr"/>.
    /// </summary>
    public long GenuineFailures { get; private init; }

    /// <summary>Impostor pairs that could not be scored. They count as rejected in <see cref="OperatingPoint.Far"/>.</summary>
    public long ImpostorFailures { get; private init; }

    internal int[]? GenuinePerson { get; }

    internal (int A, int B)[]? ImpostorPersons { get; }

    /// <summary>The same scores with pairs that could not be scored.</summary>
    public ScoreSet WithFailures(long genuine, long impostor)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(genuine);
        ArgumentOutOfRangeException.ThrowIfNegative(impostor);
        return new(this) { GenuineFailures = genuine, ImpostorFailures = impostor };
    }

    /// <summary>The errors at a threshold.</summary>
    /// <exception cref="EvaluationDataException">The threshold is not a number.</exception>
    public OperatingPoint At(double threshold)
    {
        EvaluationDataException.RequireThreshold(threshold);
        return Point(threshold, _impostor.Length - Below(_impostor, threshold), Below(_genuine, threshold));
    }

    internal OperatingPoint Point(double threshold, long falseMatches, long falseNonMatches)
        => new(threshold, new(falseMatches, _impostor.Length), new(falseNonMatches, _genuine.Length),
            new(falseMatches, _impostor.Length + ImpostorFailures), new(falseNonMatches + GenuineFailures, _genuine.Length + GenuineFailures));

    /// <summary>How many of the ascending scores are less than the threshold.</summary>
    internal static int Below(ReadOnlySpan<float> ascending, double threshold)
    {
        int low = 0, high = ascending.Length;
        while (low < high)
        {
            var middle = (int)(((uint)low + (uint)high) / 2);
            if (ascending[middle] < threshold) low = middle + 1; else high = middle;
        }
        return low;
    }
}

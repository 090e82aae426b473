namespace EdgeFace.Training.Data;

/// <summary>SplitMix64 (Steele, Lea and Flood, 2014): one stream for each pair of numbers, the same on every machine.</summary>
struct SeededRandom
{
    const ulong Golden = 0x9E3779B97F4A7C15;

    ulong _state;

    public SeededRandom(ulong seed, ulong stream) => _state = Mix(seed + Golden) ^ Mix(stream * Golden + 1);

    /// <summary>Uniform in [0, 1).</summary>
    public double Unit() => (Next() >> 11) * (1.0 / (1UL << 53));

    /// <summary>Uniform in [low, high).</summary>
    public double Between(double low, double high) => low + (high - low) * Unit();

    /// <summary>Uniform in [-most, most).</summary>
    public double Within(double most) => Between(-most, most);

    /// <summary>Uniform in 0 to count - 1.</summary>
    public int Below(int count) => (int)Math.BigMul(Next(), (ulong)count, out _);

    /// <summary>True with a probability.</summary>
    public bool Chance(double probability) => Unit() < probability;

    /// <summary>Normal with deviation one.</summary>
    public double Normal() => Math.Sqrt(-2 * Math.Log(1 - Unit())) * Math.Cos(2 * Math.PI * Unit());

    ulong Next() => Mix(_state += Golden);

    static ulong Mix(ulong z)
    {
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return z ^ (z >> 31);
    }
}

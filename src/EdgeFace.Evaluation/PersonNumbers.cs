namespace EdgeFace.Evaluation;

/// <summary>Numbers people from 0 in order of appearance, whatever numbers the caller gave them.</summary>
sealed class PersonNumbers
{
    readonly Dictionary<int, int> _numbers = [];

    public int Count => _numbers.Count;

    public int Of(int person)
    {
        if (_numbers.TryGetValue(person, out var number)) return number;
        _numbers.Add(person, number = _numbers.Count);
        return number;
    }
}

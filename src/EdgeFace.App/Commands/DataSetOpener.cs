using EdgeFace.Evaluation.Data;

namespace EdgeFace.App.Commands;

/// <summary>Opens a data set by what it is.</summary>
static class DataSetOpener
{
    /// <summary>Listed pairs of a folder, CFP's folder, or an InsightFace .bin file.</summary>
    public static DataSet Pairs(string data, string? list, bool profile)
    {
        if (list is not null)
            return PairsList.Read(list,
                Directory.Exists(data) ? data : throw new InputException($"{data}: with --pairs the data is the folder of images"));
        if (File.Exists(data)) return BinFile.Read(data);
        if (Directory.Exists(Path.Combine(data, "Protocol")))
            return CfpProtocol.Read(data, profile ? CfpPairs.FrontalProfile : CfpPairs.FrontalFrontal);
        throw Directory.Exists(data)
            ? new UsageException($"{data}: say with --pairs which list of pairs to take.")
            : new InputException($"{data}: no such file or folder");
    }

    /// <summary>A folder of people, a list of people, or a RecordIO file, in which people are known.</summary>
    public static DataSet People(string data, bool nested, bool followLinks)
    {
        if (!Path.Exists(data)) throw new InputException($"{data}: no such file or folder");
        var set = PeopleSource.Open(data, nested, DataSetOptions.Default with { FollowLinks = followLinks });
        try
        {
            set.RequirePeople();
            return set;
        }
        catch
        {
            set.Dispose();
            throw;
        }
    }
}

using EdgeFace.Gallery;
using EdgeFace.Vision;

namespace EdgeFace.App;

/// <summary>What libraries tell, in the words of the command line: which option or command helps.</summary>
static class Advice
{
    /// <summary>The error as this program tells it.</summary>
    public static Problem Of(Problem problem) => problem with { Message = MessageOf(problem) };

    static string MessageOf(Problem problem) => problem.Cause switch
    {
        SeveralFacesException e => $"{problem.Message} (--face largest, or --face 0 to {e.Faces.Count - 1})",
        NoThresholdException e => $"the model '{e.Model}' has no calibrated thresholds: say --threshold COSINE. "
            + "Which one is right depends on the model; calibrate it on photos like yours.",
        ModelNotDownloadedException e => $"'{e.Model.Name}' is not on this machine yet: 'edgeface models pull {e.Model.Name}' downloads it.",
        ModelDownloadException e => $"{e.What}. On a machine without network download it elsewhere and put it at {e.Target}, "
            + "or give a file with --model; the embedded default models need no network."
            + (e.IsKept ? " What has arrived is kept: the same command goes on from there." : ""),
        UprightOnlyException e => $"{e.Detector} finds upright faces only: leave out --any-orientation.",
        GalleryContractException => $"{problem.Message} (--model FILE, --detector FILE; edgeface gallery reembed)",
        SeveralPeopleException e => $"{problem.Message} (--id N, or --key KEY)",
        _ => problem.Message,
    };
}

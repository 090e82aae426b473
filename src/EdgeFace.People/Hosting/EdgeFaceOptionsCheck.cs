using EdgeFace.Gallery;
using Microsoft.Extensions.Options;

namespace EdgeFace.People;

/// <summary>Whether what is configured can be opened: looked at when a program starts, before its first request.</summary>
sealed class EdgeFaceOptionsCheck(IEnumerable<IGalleryStore> stores, OpenedModels models) : IValidateOptions<EdgeFaceOptions>
{
    public ValidateOptionsResult Validate(string? name, EdgeFaceOptions options)
    {
        List<string> failures = [];
        if (options.MostSamplesPerPerson is < 1 or > 1000)
            failures.Add(FormattableString.Invariant($"a person may have 1 to 1000 samples, not {options.MostSamplesPerPerson}"));
        Try(nameof(options.Gallery), () => Address(options, stores));
        if (options.MinFaceSize < 0)
            failures.Add(FormattableString.Invariant($"the smallest face is at least 0 pixels wide, not {options.MinFaceSize}"));
        // With its models it is known whether the rate and the calibration fit.
        else Try(nameof(options.Model), () => Decision.For(models.Of(options.ToPipeline()), options.ToDecision()));
        return failures.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(failures);

        void Try(string what, Action open)
        {
            try
            {
                open();
            }
            catch (Exception e) when (EdgeFaceException.KindOf(e) != ErrorKind.Program || e is ArgumentException)
            {
                failures.Add($"EdgeFace: {what}: {e.Message}");
            }
        }
    }

    /// <summary>Where the gallery lies, with its key; null where there is none.</summary>
    public static GalleryAddress? Address(EdgeFaceOptions options, IEnumerable<IGalleryStore> stores)
        => options.Gallery is null ? null : new(options.Gallery,
            options.KeyFile is { } file ? GalleryKey.FromFile(file) : GalleryKey.FromEnvironment(), stores);
}

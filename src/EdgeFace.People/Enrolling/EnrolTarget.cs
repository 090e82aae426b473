using EdgeFace.Gallery;

namespace EdgeFace.People;

/// <summary>
/// The gallery that is enrolled into. One that is not there yet is created when there is something to put in, so that a run without a usable
/// picture leaves none.
/// </summary>
/// <param name="there">The gallery, if there is one.</param>
/// <param name="create">Makes it, unless another process was first, and says which.</param>
sealed class EnrolTarget(IGallery? there, Func<OpenedGallery> create) : IDisposable
{
    /// <summary>Null as long as there is none.</summary>
    public IGallery? Gallery { get; private set; } = there;

    /// <summary>Whether this run created it.</summary>
    public bool IsNew { get; private set; }

    public IGallery Required()
    {
        if (Gallery is null)
        {
            var opened = create();
            (Gallery, IsNew) = (opened.Gallery, opened.IsNew);
        }
        return Gallery;
    }

    public void Dispose() => Gallery?.Dispose();
}

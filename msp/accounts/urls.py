from __future__ import annotations

from django.urls import path

from .views import joining, oneself, people, shop

app_name = "accounts"
urlpatterns = [
    path("join/<str:invitation_token>/", joining.join, name="join"),
    path("profile/", oneself.profile, name="profile"),
    path("second-factor/", oneself.second_factor, name="second-factor"),
    path("switch/", oneself.memberships, name="memberships"),
    path("switch/<uuid:membership_id>/", oneself.switch, name="switch"),
    path("start/", shop.start, name="start"),
    path("start/dismiss/", shop.dismiss, name="dismiss-start"),
    path("settings/", shop.index, name="settings"),
    path("settings/company/", shop.company, name="company"),
    path("settings/brand/", shop.brand, name="brand"),
    path("settings/region/", shop.region, name="region"),
    path("settings/security/", shop.security, name="shop-security"),
    path("settings/people/", people.people, name="people"),
    path("settings/people/invite/", people.invite, name="invite"),
    path("settings/people/<uuid:membership_id>/", people.person, name="person"),
    path("settings/people/<uuid:membership_id>/end/", people.end, name="end-membership"),
    path("settings/people/invitations/<uuid:invitation_id>/resend/", people.resend, name="resend-invitation"),
    path("settings/people/invitations/<uuid:invitation_id>/withdraw/", people.withdraw, name="withdraw-invitation"),
    path("brand/logo", shop.logo, name="logo"),
    path("portal/brand/logo", shop.logo, name="portal-logo"),  # the prefix decides which membership counts
]
